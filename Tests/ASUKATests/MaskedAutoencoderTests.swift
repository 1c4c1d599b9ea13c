// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Testing
import TestSupport

@testable import ASUKA
import Layers
@testable import Numerics

let workspace = Workspace()
let holes = ["none", "box", "soft", "line", "full", "everywhere"]

func pack(_ name: String) throws -> OpenedPack { try OpenedPack.open(fixtures + "/asuka/packs/" + name) }
func reference(_ name: String) throws -> Tensor {
  try Fixture("asuka/reference.safetensors").tensor(name, in: workspace)
}

/// The message of the error that `body` throws; "" if it throws none.
func refusal(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

/// The masked autoencoder against PyTorch.
@Suite struct MaskedAutoencoderTests {
  func input(_ size: String, _ hole: String) throws -> MaskedInput {
    try MaskedInput(reference("mae/\(size)/image"), mask: reference("mae/\(size)/\(hole)/mask"), side: 32)
  }

  @Test(arguments: ["wide", "small"]) func aPictureIsPreparedAsForTraining(size: String) throws {
    let seen = try input(size, "soft").pixels
    #expect(try mismatch(seen, reference("mae/\(size)/seen"), size) == nil)
  }

  @Test(arguments: ["fine-tuned", "base", "clamped"], holes) func features(name: String, hole: String) throws {
    let model = try MaskedAutoencoder(pack(name))
    for size in ["wide", "small"] {
      let features = try model.features(input(size, hole))
      let expected = try reference("mae/\(size)/\(name)/\(hole)/features")
      #expect(mismatch(features, expected, "\(size), \(name), \(hole)") == nil)
    }
  }

  @Test(arguments: holes) func predictedPicture(hole: String) throws {
    let picture = try MaskedAutoencoder(pack("fine-tuned")).predictedPicture(input("wide", hole))
    #expect(try mismatch(picture, reference("mae/wide/fine-tuned/\(hole)/picture"), hole) == nil)
  }

  @Test(arguments: ["full", "everywhere"]) func withoutAnyKnownPatchTheFeaturesAreZeros(hole: String) throws {
    let features = try MaskedAutoencoder(pack("fine-tuned")).features(input("wide", hole))
    #expect(features.shape == [1, 16, 12] && features.array.allSatisfy { $0 == 0 })
  }

  @Test func whatTheHoleHidesHasNoInfluence() throws {
    let model = try MaskedAutoencoder(pack("fine-tuned"))
    let (image, mask) = (try reference("mae/wide/image"), Tensor([1, 40, 56, 1], repeating: 0, in: workspace))
    // Patches of 10 x 14 pixels: one wholly hidden, one in part.
    for y in 10..<20 { for x in 14..<35 { mask.pointer[y * 56 + x] = 1 } }
    let features = try model.features(MaskedInput(image, mask: mask, side: 32)).array
    let changed = image.copy()
    for y in 11..<19 { for x in 15..<34 { changed.pointer[(y * 56 + x) * 3 + 1] = -0.9 } }
    #expect(try model.features(MaskedInput(changed, mask: mask, side: 32)).array == features)
    changed.pointer[0] = 1
    #expect(try model.features(MaskedInput(changed, mask: mask, side: 32)).array != features)
  }

  @Test func theFeatureLayerIsFree() throws {
    let weights = try pack("fine-tuned").weights(MaskedAutoencoderConfiguration.part)
    var configuration = try MaskedAutoencoder(pack("fine-tuned")).configuration
    let third = try MaskedAutoencoder(weights, configuration).features(input("wide", "box")).array
    for layer in [0, 1, 3] {
      configuration.featureLayer = layer
      let features = try MaskedAutoencoder(weights, configuration).features(input("wide", "box"))
      #expect(features.shape == [1, 16, 12] && features.array != third)
    }
  }

  /// Values for 768 channels and 16 x 16 patches as in the released checkpoints.
  @Test func positionsAreTheReleasedOnes() {
    let positions = sineCosinePositions(grid: 16, width: 768)
    let expected: [(row: Int, first: Int, values: [Float])] = [
      (1, 0, [0.84147098, 0.81525065, 0.78859304]), (1, 192, [0.54030231, 0.57910826, 0.61491545]),
      (16, 384, [0.84147098]),
    ]
    for (row, first, values) in expected {
      let found = Array(positions[row * 768 + first..<row * 768 + first + values.count])
      #expect(zip(found, values).allSatisfy { abs($0 - $1) < 1e-7 }, "row \(row), channel \(first): \(found)")
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let weights = try pack("fine-tuned").weights(MaskedAutoencoderConfiguration.part)
    var configuration = try MaskedAutoencoder(pack("fine-tuned")).configuration
    configuration.decoder.depth = 2
    #expect(refusal { _ = try MaskedAutoencoder(weights, configuration) }.contains("no place for 12 tensors"))
    configuration.decoder.depth = 4
    #expect(refusal { _ = try MaskedAutoencoder(weights, configuration) }
      .contains("tensor decoder_blocks.3.norm1.weight [12] is missing"))
    configuration.decoder.depth = 3
    configuration.imageSize = 64
    #expect(refusal { _ = try MaskedAutoencoder(weights, configuration) }
      .contains("tensor pos_embed has shape [1, 16, 16], expected [1, 64, 16]"))
    #expect(refusal { _ = try MaskedAutoencoder(pack("linear")) }.contains("no mae in"))
  }
}
