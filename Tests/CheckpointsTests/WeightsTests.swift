// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// The name paths by which models ask for their tensors.
@Suite struct WeightsTests {
  let folder = TemporaryFolder()

  func weights(_ tensors: [(name: String, shape: [Int])]) throws -> Weights {
    try Weights(file: folder.write(safetensors(tensors)))
  }

  @Test func pathsArePushedWhereLayersAreMade() throws {
    let weights = try weights([("down_blocks.0.resnets.1.conv1.weight", [2, 3])])
    let layer = weights["down_blocks"][0]["resnets"][1]
    #expect(layer.path == "down_blocks.0.resnets.1" && weights.path == "")
    #expect(layer.contains("conv1.weight") && !layer.contains("conv_shortcut.weight"))
    #expect(layer.shape(of: "conv1.weight") == [2, 3] && layer.shape(of: "conv1.bias") == nil)
    #expect(try layer["conv1"].tensor("weight", shape: [2, 3]).floats == [0, 1, 2, 3, 4, 5])
    try weights.finish()
  }

  @Test func whatIsMissingExtraOrMisshapenIsNamed() throws {
    let path = folder.path + "/a.safetensors"
    let weights = try weights([("a.weight", [2])])
    #expect(
      refusal { _ = try weights["x"][1].tensor("weight", shape: [3]) }
        == "\(path): tensor x.1.weight [3] is missing; the checkpoint is incomplete or of another model")
    #expect(
      refusal { _ = try weights["a"].tensor("weight", shape: [2, 3]) }
        == "\(path): tensor a.weight has shape [2], expected [2, 3]")
    #expect(refusal { try weights.finish() }.contains("no place for 1 tensors, so it is another model's: a.weight"))
  }

  /// The shape of what was not asked for is no request for it.
  @Test func lookingIsNotAsking() throws {
    let weights = try weights([("a", [1]), ("b", [1]), ("c", [1]), ("d", [1]), ("e", [1])])
    _ = weights.shape(of: "b")
    _ = weights.contains("c")
    _ = try weights.tensor("d", shape: [1])
    #expect(refusal { try weights.finish() }.hasSuffix("4 tensors, so it is another model's: a, b, c, ..."))
  }

  @Test func onesAtTheEndDoNotCount() throws {
    let weights = try weights([("conv", [2, 3, 1, 1]), ("linear", [2, 3]), ("one", [1]), ("scalar", []), ("middle", [2, 1, 3])])
    #expect(try weights.tensor("conv", shape: [2, 3]).shape == [2, 3, 1, 1])
    #expect(try weights.tensor("linear", shape: [2, 3, 1, 1]).shape == [2, 3])
    #expect(try weights.tensor("one", shape: []).bytes.count == 4)
    #expect(try weights.tensor("scalar", shape: [1, 1]).bytes.count == 4)
    #expect(throws: CheckpointError.self) { try weights.tensor("middle", shape: [2, 3]) }
    #expect(throws: CheckpointError.self) { try weights.tensor("linear", shape: [1, 2, 3]) }
    #expect(throws: CheckpointError.self) { try weights.tensor("linear", shape: [3, 2]) }
  }

  @Test func numberedLayersAreCounted() throws {
    let names = ["layers.0.a", "layers.1.a", "layers.1.b", "layers.3.a", "layers.x.a", "layersx.2.a", "layers.-1.a"]
    let weights = try weights(names.map { ("encoder." + $0, [1]) })
    #expect(weights["encoder"].count(of: "layers") == 2)
    #expect(weights.count(of: "encoder.layers") == 2)
    #expect(weights.count(of: "layers") == 0)
  }

  @Test(arguments: ["F64", "I64", "I32", "U8", "BOOL", "F8_E4M3", "F8_E5M2"]) func otherTypesAreNoWeights(dtype: String) throws {
    let size = try #require(ElementType(rawValue: dtype)).byteCount
    let header = "{\"a\":{\"dtype\":\"\(dtype)\",\"shape\":[1],\"data_offsets\":[0,\(size)]}}"
    let data = [UInt8](repeating: 0, count: size)
    let weights = try Weights(file: folder.write(safetensors(header: header, data: data)))
    #expect(refusal { _ = try weights.tensor("a", shape: [1]) }.contains("type \(dtype), expected F32, F16 or BF16"))
  }
}
