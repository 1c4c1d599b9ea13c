// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import TestSupport
import Testing

@testable import LaMa

/// LaMa against PyTorch: Tests/fixtures/lama.
@Suite struct LaMaTests {
  let workspace = Workspace()

  func generator(_ file: String) throws -> LaMaGenerator {
    try LaMaGenerator(OpenedPack.open(fixtures + "/lama/" + file))
  }

  /// nil where the result is PyTorch's.
  func difference(_ generator: LaMaGenerator, _ name: String) throws -> String? {
    let expected = try Fixture("lama/expected.safetensors")
    let image = try expected.tensor(name + "/image", in: workspace)
    let mask = try expected.tensor(name + "/mask", in: workspace)
    let result = try generator(image, mask: mask) { _ in }
    return mismatch(result, try expected.tensor(name + "/output", in: workspace), limit: 1e-6, name)
  }

  /// Bottlenecks of 8 x 8, 7 x 11, 2 x 17 and 2 x 2 cells.
  @Test(arguments: ["square", "odd", "flat", "least"]) func resultsArePyTorchsAtAnySize(name: String) throws {
    #expect(try difference(generator("plain.safetensors"), "big-lama/" + name) == nil)
  }

  @Test(arguments: ["big-lama", "big-lama/models/best.ckpt", "big-lama.pt", "generator.safetensors", "plain.safetensors"])
  func everyFileOfAModelGivesTheSame(file: String) throws {
    #expect(try difference(generator(file), "big-lama/odd") == nil)
  }

  @Test func sizesAreThoseOfTheFile() throws {
    let big = try generator("big-lama.pt").configuration
    #expect(big.widths == [4, 8, 16, 32] && big.globalWidth == 24 && big.blocks == 2 && big.cell == 8)
    let small = try generator("small.safetensors")
    #expect(small.configuration.widths == [6, 12, 24] && small.configuration.globalWidth == 12)
    #expect(small.configuration.blocks == 1 && small.configuration.cell == 4)
    #expect(try difference(small, "small/odd") == nil)
  }

  /// What the hole hides plays no part, whatever is there.
  @Test func theHoleIsNotRead() throws {
    let generator = try generator("plain.safetensors")
    let mask = Tensor([1, 16, 24, 1], (0..<16 * 24).map { (100..<200).contains($0) ? 1 : 0 }, in: workspace)
    let values = seededValues(16 * 24 * 3, range: 1).map(abs)
    let hidden = values.enumerated().map { (100..<200).contains($0.offset / 3) ? Float.nan : $0.element }
    let results = try [values, hidden].map { values in
      try generator(Tensor([1, 16, 24, 3], values, in: workspace), mask: mask) { _ in }.array
    }
    #expect(results[0] == results[1])
  }

  @Test func whatIsNoLaMaIsRefusedWithTheReason() throws {
    let folder = TemporaryFolder()
    func refusal(of tensors: [(String, [Int])]) -> String {
      do {
        _ = try LaMaGenerator(OpenedPack.open(folder.write(safetensors(tensors), "a.safetensors")))
        return ""
      } catch { return "\(error)" }
    }
    #expect(refusal(of: [("model.1.ffc.convl2l.weight", [4, 4, 7, 7])]).contains("not a LaMa that can be run"))
    #expect(refusal(of: [("model.1.ffc.convl2l.weight", [4, 4])]).contains("has shape [4, 4], which no layer of LaMa has"))
    let layers = [
      ("model.1.ffc.convl2l.weight", [4, 4, 7, 7]), ("model.2.ffc.convl2l.weight", [4, 4, 3, 3]),
      ("model.2.ffc.convl2g.weight", [4, 4, 3, 3]), ("model.3.conv1.ffc.convl2l.weight", [4, 4, 3, 3]),
    ]
    #expect(refusal(of: layers).contains("tensor 1.bn_l.weight [4] is missing"))
  }

  @Test func itStopsBetweenTwoLayers() throws {
    let generator = try generator("plain.safetensors")
    let image = Tensor([1, 16, 16, 3], repeating: 0.5, in: workspace)
    let mask = Tensor([1, 16, 16, 1], repeating: 0, in: workspace)
    var stages: [Double] = []
    #expect(throws: Cancelled.self) {
      _ = try generator(image, mask: mask) {
        stages.append($0.fraction)
        if stages.count == 2 { workspace.cancel() }
      }
    }
    #expect(stages == [0.25, 0.5])
  }
}
