// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// How far a run is, in UNet passes over one picture (SD 1.5: 0.8 TFLOP; encode 1.1, decode 2.5).
struct RunProgress {
  private static let encoding = 1.4
  private static let decoding = 3.1

  private let passes: [Double]  // of each step
  private let total: Double
  private var begun = 0.0
  private var step = 0
  private var last: Progress?

  init(passes: [Double], encodings: Int, decodings: Int = 1) {
    self.passes = passes
    total = passes.reduce(0, +) + Self.encoding * Double(encodings) + Self.decoding * Double(decodings)
  }

  /// Each is called when what it is named after begins, and all before it is done.
  mutating func encoding() -> Progress { begin("Encoding the picture", Self.encoding) }
  mutating func decoding() -> Progress { begin("Decoding the picture", Self.decoding) }
  mutating func nextStep() -> Progress {
    step += 1
    return begin("Step \(step) of \(passes.count)", passes[step - 1])
  }

  /// Where it is, with a picture; nil before it has begun.
  func showing(_ preview: Preview) -> Progress? {
    last.map { Progress(fraction: $0.fraction, stage: $0.stage, preview: preview) }
  }

  private mutating func begin(_ stage: String, _ passes: Double) -> Progress {
    defer { begun += passes }
    let now = Progress(fraction: begun / total, stage: stage)
    last = now
    return now
  }
}
