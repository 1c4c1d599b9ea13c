import ArgumentParser
import Checkpoints
import Glibc
import Inpainting
import StableDiffusion
import Tensors

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Times each part of a model and a whole run.")

  @Option(help: "The model; without it, the one that the operations find.")
  var model = ""

  @Option(help: "Side of the picture in pixels; 0 is the model's native size.")
  var size = 0

  @Option(help: "Turns of each part; the least time counts.")
  var turns = 3

  @Option(help: "Steps of the whole run.")
  var steps = 20

  @Flag(help: "JSON instead of a table.")
  var json = false

  func run() throws {
    let pack = try ModelSearch().open(model)
    let summary = try ModelSummary(pack)
    let side = size > 0 ? size : summary.nativeSize
    guard side % 64 == 0, side <= 4096, (1...100).contains(turns), (1...150).contains(steps) else {
      throw ValidationError("size must be a multiple of 64 up to 4096, turns 1 to 100, steps 1 to 150")
    }
    var rows: [Row] = []
    let clock = ContinuousClock()
    let model = LoadedModel(pack)
    let loading = try clock.measure { try model.load([.textEncoder, .unet, .autoencoder]) { _ in } }
    rows.append(Row(part: "load", seconds: loading.seconds, workspaceMB: 0))
    for part in try model.timedParts(side: side) {
      let workspace = Workspace()
      let prepared = try part.prepare(workspace)
      let least = try (0..<turns).map { _ in try clock.measure { try prepared() } }.min()!
      rows.append(Row(part: part.name, seconds: least.seconds, workspaceMB: megabytes(workspace.peakBytes)))
    }
    let workspace = Workspace()
    let image = Tensor([1, side, side, 3], repeating: 0, in: workspace)
    let mask = Tensor([1, side, side, 1], repeating: 1, in: workspace)
    var settings = SamplingSettings()
    settings.steps = steps
    let inpainter = try model.inpainter()
    let whole = try clock.measure {
      let context = try model.promptEncoder()("", in: workspace)
      let conditioning = Conditioning(context, guidance: (context, 7.5))
      _ = try inpainter.fill(image, mask: mask, conditioning, settings) { _ in }
    }
    rows.append(
      Row(part: "whole run, \(steps) steps, guidance", seconds: whole.seconds, workspaceMB: megabytes(workspace.peakBytes)))
    show(rows, side: side)
  }

  private struct Row {
    let part: String
    let seconds: Double
    let workspaceMB: Int
  }

  private func show(_ rows: [Row], side: Int) {
    let peak = residentPeakMB
    if json {
      let entries = rows.map { "{\"part\": \"\($0.part)\", \"seconds\": \(rounded($0.seconds)), \"workspace_mb\": \($0.workspaceMB)}" }
      print("{\"side\": \(side), \"arithmetic\": \"\(Arithmetic.float32.name)\", \"peak_resident_mb\": \(peak), \"parts\": [\(entries.joined(separator: ", "))]}")
      return
    }
    print("\(side) x \(side) pixels; seconds (least of \(turns)), workspace in MB")
    for row in rows {
      print(row.part + String(repeating: " ", count: max(1, 36 - row.part.count)) + "\(rounded(row.seconds))  \(row.workspaceMB)")
    }
    print("peak resident memory: \(peak) MB; products in \(Arithmetic.float32.name)")
  }

  private func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }

  private var residentPeakMB: Int {
    var usage = rusage()
    return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss >> 10 : 0
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
