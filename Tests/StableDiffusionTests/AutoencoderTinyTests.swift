// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics
import TestSupport
import Testing

@testable import StableDiffusion

/// The tiny autoencoder in every form that it is published in, against diffusers.
@Suite struct AutoencoderTinyTests {
  private let workspace = Workspace()

  private func check(_ codec: any LatentCodec, _ name: String) throws {
    let reference = try Fixture("autoencoders/expected.safetensors")
    func tensor(_ key: String) throws -> Tensor { try reference.tensor("\(name)/\(key)", in: workspace) }
    #expect(try mismatch(codec.encode(tensor("image")), tensor("latents"), "latents") == nil)
    #expect(try mismatch(codec.decode(tensor("given")), tensor("decoded"), "decoded") == nil)
    #expect(codec.latentChannels == 4 && codec.downscale == 8)
  }

  private let folder = TemporaryFolder()

  /// A pack whose folder `part` has these files.
  private func pack(_ part: String, _ files: [String]) throws -> OpenedPack {
    for file in files { folder.link("\(fixtures)/\(file)", "\(part)/\(file.split(separator: "/").last!)") }
    return try OpenedPack.open(folder.path)
  }

  @Test(arguments: ["folder", "own"]) func besideTheFullOneAndInItsPlace(form: String) throws {
    let files = form == "folder"
      ? ["config.json", "diffusion_pytorch_model.safetensors"].map { "packs/tiny-sd15/tiny_vae/" + $0 }
      : ["autoencoders/taesd_encoder.safetensors", "autoencoders/taesd_decoder.pth"]
    try check(AutoencoderTiny(pack("tiny_vae", files)), form)
    try check(PackAutoencoder(pack("vae", files)).codec, form)
  }

  @Test(arguments: [
    #"{"act_fn": "silu"}"#, #"{"upsample_fn": "bilinear"}"#, #"{"scaling_factor": 0.5}"#, #"{"upsampling_scaling_factor": 4}"#,
    #"{"encoder_block_out_channels": [64, 64, 64, 32]}"#, #"{"num_encoder_blocks": [1, 3]}"#, #"{"latent_channels": 0}"#,
    #"{"num_decoder_blocks": [3, 3, 3, 4096]}"#, #"{"in_channels": 4}"#,
  ]) func whatItCannotDoIsRefused(configuration: String) throws {
    #expect(throws: CheckpointError.self) {
      try AutoencoderTinyConfiguration(JSON(parsing: configuration, source: "config.json"))
    }
  }
}
