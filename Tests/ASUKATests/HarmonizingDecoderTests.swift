// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Testing
import TestSupport

@testable import ASUKA
import Layers
@testable import Numerics

/// The harmonizing decoder against PyTorch: our layout, diffusers' class, and the original names of Asymmetric VQGAN
/// and ASUKA.
@Suite struct HarmonizingDecoderTests {
  static let packs = ["fine-tuned", "base", "asymmetric-vqgan", "asuka"]

  @Test(arguments: packs, holes) func picture(name: String, hole: String) throws {
    try compare(name, "wide", hole)
  }

  @Test(arguments: packs) func squarePicture(name: String) throws { try compare(name, "square", "soft") }

  func compare(_ name: String, _ size: String, _ hole: String) throws {
    let prefix = "decoder/\(size)/"
    let picture = try HarmonizingDecoder(pack(name)).decode(
      reference(prefix + "\(name)/latents"), image: reference(prefix + "image"),
      mask: reference(prefix + "\(hole)/mask"))
    let expected = try reference(prefix + "\(name)/\(hole)/picture")
    #expect(mismatch(picture, expected, prefix + "\(name), \(hole)") == nil)
  }

  @Test(arguments: packs) func aFullHoleReadsNothingOfThePicture(name: String) throws {
    let decoder = try HarmonizingDecoder(pack(name))
    let latents = try reference("decoder/wide/\(name)/latents")
    let mask = Tensor([1, 16, 32, 1], repeating: 1, in: workspace)
    let picture = try decoder.decode(latents, image: reference("decoder/wide/image"), mask: mask)
    let other = try decoder.decode(latents, image: Tensor([1, 16, 32, 3], repeating: .nan, in: workspace), mask: mask)
    #expect(picture.array == other.array)
  }

  @Test(arguments: packs) func withoutHoleOnlyThePictureCounts(name: String) throws {
    let decoder = try HarmonizingDecoder(pack(name))
    let latents = try reference("decoder/wide/\(name)/latents")
    let (image, mask) = (try reference("decoder/wide/image"), Tensor([1, 16, 32, 1], repeating: 0, in: workspace))
    let picture = try decoder.decode(latents, image: image, mask: mask)
    let other = try decoder.decode(
      Tensor(latents.shape, repeating: 0.5, in: workspace), image: image, mask: mask)
    #expect(picture.array == other.array)
    let changed = image.copy()
    changed.pointer[0] -= 0.5
    #expect(try decoder.decode(latents, image: changed, mask: mask).array != picture.array)
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let weights = try pack("fine-tuned").weights(HarmonizingDecoderConfiguration.part)
    var configuration = try HarmonizingDecoder(pack("fine-tuned")).configuration
    configuration.conditionChannels = 3
    #expect(refusal { _ = try HarmonizingDecoder(weights, configuration) }
      .contains("tensor decoder.condition_encoder.layers.0.weight has shape [4, 4, 3, 3], expected [4, 3, 3, 3]"))
    configuration.conditionChannels = 4
    configuration.autoencoder.quantConvolutions = false
    let fresh = try pack("fine-tuned").weights(HarmonizingDecoderConfiguration.part)
    #expect(refusal { _ = try HarmonizingDecoder(fresh, configuration) }.contains("no place for 2 tensors"))
  }

  @Test(arguments: [
    ("{\"condition_channels\": 5}", "\"condition_channels\" is neither 3 nor 4"),
    ("{\"mask_resampling\": \"cubic\"}", "\"mask_resampling\" \"cubic\" is not supported; there are area and nearest"),
    ("{\"up_block_out_channels\": [0]}", "a size is out of range"),
    ("{\"scaling_factor\": 0}", "a size is out of range"),
  ])
  func aConfigurationThatCannotBeIsRefused(json: String, reason: String) throws {
    let json = try JSON(parsing: json, source: "config.json")
    #expect(refusal { _ = try HarmonizingDecoderConfiguration(json) } == reason)
  }
}
