// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Diffusion
import Numerics
import StableDiffusion

extension DiffusionPainter {
  /// The pipeline over a pack's UNet and autoencoder, or its tiny one.
  ///
  /// Throws `CheckpointError` where models that are loaded do not fit each other.
  package static func pipeline(_ models: LoadedModels, takesTiny: Bool = false) throws -> StableDiffusionInpainter {
    let unet = try models(UNet2DConditionModel.self)
    let codec: any LatentCodec = try takesTiny ? models(AutoencoderTiny.self) : models(PackAutoencoder.self).codec
    do {
      let pipeline = try StableDiffusionInpainter(unet, codec, SchedulerConfiguration(models.pack))
      if let encoder = models.loaded(PromptEncoder.self) {
        try check("context", of: "the UNet", pipeline.contextWidth, "the text encoder", encoder.width)
      }
      if let alignment = models.loaded(AlignmentModule.self) {
        let configuration = alignment.configuration
        try check("context", of: "the UNet", pipeline.contextWidth, "the alignment module", configuration.width)
        if let prior = models.loaded(MaskedAutoencoder.self) {
          try check(
            "input", of: "the alignment module", configuration.inputWidth, "the masked autoencoder",
            prior.configuration.decoder.width)
        }
      }
      if let decoder = models.loaded(HarmonizingDecoder.self) {
        let other = decoder.configuration.autoencoder
        guard codec.latentChannels == other.latentChannels, codec.downscale == other.downscale else {
          throw CheckpointError("the harmonizing decoder's latents are not the autoencoder's; they belong to different models")
        }
      }
      return pipeline
    } catch let error as CheckpointError { throw CheckpointError("\(models.pack.path): \(error.message)") }
  }

  private static func check(_ what: String, of one: String, _ width: Int, _ other: String, _ otherWidth: Int) throws {
    guard width == otherWidth else {
      throw CheckpointError(
        "\(one)'s \(what) is \(width) wide, that of \(other) \(otherWidth); they belong to different models")
    }
  }
}
