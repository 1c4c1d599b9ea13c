// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport

@testable import Checkpoints
@testable import Layers

/// The weights of layers that a test makes up, in a file of any of the formats, and the same values as float32.
struct LayerWeights {
  /// What the file says: F32, F16 or BF16.
  enum Format: String, CaseIterable { case float32 = "F32", float16 = "F16", bfloat16 = "BF16" }

  private let weights: Weights
  var builder: ModelBuilder { ModelBuilder(weights) }
  /// By name, rounded as the format does.
  let values: [String: [Float]]
  private let folder = TemporaryFolder()

  init(_ shapes: [(name: String, shape: [Int])], format: Format = .float32, seed: UInt64 = 1) throws {
    var (header, data) = ([String](), [UInt8]())
    var values: [String: [Float]] = [:]
    for (index, entry) in shapes.enumerated() {
      let count = entry.shape.reduce(1, *)
      let depth = entry.shape.dropFirst().reduce(1, *)
      var numbers = seededValues(count, range: 1 / Float(max(depth, 1)).squareRoot(), seed: seed &+ UInt64(index))
      let start = data.count
      switch format {
      case .float32: for number in numbers { withUnsafeBytes(of: number) { data += $0 } }
      case .float16:
        for index in numbers.indices {
          let half = Float16(numbers[index])
          numbers[index] = Float(half)
          withUnsafeBytes(of: half.bitPattern) { data += $0 }
        }
      case .bfloat16:
        for index in numbers.indices {
          let bits = UInt16(numbers[index].bitPattern >> 16)
          numbers[index] = Float(bitPattern: UInt32(bits) << 16)
          withUnsafeBytes(of: bits) { data += $0 }
        }
      }
      values[entry.name] = numbers
      header.append(
        #""\#(entry.name)":{"dtype":"\#(format.rawValue)","shape":\#(entry.shape),"data_offsets":[\#(start),\#(data.count)]}"#)
    }
    let text = Array("{\(header.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    weights = try Weights(file: folder.write(length + text + data))
    self.values = values
  }
}
