// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// The same models under every naming and cut, as diffusers and transformers wrote them: Tests/fixtures/checkpoints.
@Suite struct LayoutTests {
  static let parts = [PackPart.vae, .textEncoder]

  func weights(_ pack: String, _ part: PackPart) throws -> Weights {
    try OpenedPack.open(fixtures + "/checkpoints/" + pack).weights(part)
  }

  func catalog(_ pack: String, _ part: PackPart) throws -> TensorCatalog {
    try FolderPart(fixtures + "/checkpoints/" + pack, part).catalog()
  }

  @Test(arguments: ["older", "sharded"], parts) func otherLayoutsAreTheSameTensors(pack: String, part: PackPart) throws {
    let expected = try weights("folder", part)
    let result = try weights(pack, part)
    let names = try catalog("folder", part).locations
    #expect(names.count > 15)
    for (name, location) in names {
      let shape = location.description.shape
      #expect(try result.tensor(name, shape: shape).byteArray == expected.tensor(name, shape: shape).byteArray, "\(name)")
    }
    try result.finish()
    #expect(try OpenedPack.open(fixtures + "/checkpoints/" + pack).byteCount(part) == catalog("folder", part).byteCount)
  }

  /// Values rounded to float16; the text encoder's are in shards with an index of their own name.
  @Test(arguments: parts) func variantsAreTheSameTensorsInHalfPrecision(part: PackPart) throws {
    let expected = try weights("folder", part)
    let result = try weights("variant", part)
    for (name, location) in try catalog("folder", part).locations {
      let shape = location.description.shape
      let half = try result.tensor(name, shape: shape)
      #expect(half.elementType == .float16)
      let values = withExtendedLifetime(half) { half.bytes.bindMemory(to: UInt16.self).map(float16) }
      #expect(try values == expected.tensor(name, shape: shape).floats.map(roundedToFloat16), "\(name)")
    }
    try result.finish()
  }

  /// The pack of the models' tests, which other versions of the libraries wrote, has the newest names.
  @Test(arguments: ["tiny-sd15", "tiny-sd2"]) func theModelsAskForTheseNames(pack: String) throws {
    let pack = try OpenedPack.open(fixtures + "/packs/" + pack)
    #expect(try pack.weights(.unet).shape(of: "conv_in.weight")?[1] == 9)
    #expect(try pack.weights(.vae).contains("decoder.mid_block.attentions.0.to_out.0.weight"))
    #expect(try pack.weights(.vae).contains("encoder.mid_block.attentions.0.group_norm.weight"))
    for name in ["embeddings.token_embedding.weight", "encoder.layers.1.self_attn.out_proj.bias", "final_layer_norm.weight"] {
      #expect(try pack.weights(.textEncoder).contains(name))
    }
  }
}

/// IEEE 754 binary16, normal numbers and zero (Swift has no Float16 on every processor).
private func float16(_ bits: UInt16) -> Float {
  let sign: Float = bits & 0x8000 == 0 ? 1 : -1
  let exponent = Int(bits >> 10 & 0x1F)
  let fraction = Float(bits & 0x3FF) / 1024
  return sign * Float(sign: .plus, exponent: max(exponent, 1) - 15, significand: (exponent == 0 ? 0 : 1) + fraction)
}

/// To 11 significant bits, ties to even.
private func roundedToFloat16(_ value: Float) -> Float {
  let unit = Float(sign: .plus, exponent: max(value == 0 ? 0 : Int(value.exponent), -14) - 10, significand: 1)
  return (value / unit).rounded(.toNearestOrEven) * unit
}
