// SPDX-License-Identifier: LGPL-3.0-or-later
import Diffusion
import Numerics
import StableDiffusion

extension DiffusionPainter {
  static func timedParts(_ models: LoadedModels, side: Int) throws -> [LoadedModels.TimedPart] {
    let (promptEncoder, unet) = (try models(PromptEncoder.self), try models(UNet2DConditionModel.self))
    let autoencoder = try models(PackAutoencoder.self).codec
    let cells = side / autoencoder.downscale
    func unetPass(_ images: Int) -> LoadedModels.TimedPart {
      LoadedModels.TimedPart(name: images == 1 ? "UNet, one picture" : "UNet, two pictures (guidance)") { workspace in
        let x = Tensor([images, cells, cells, unet.configuration.inChannels], repeating: 0.1, in: workspace)
        let context = try promptEncoder("", in: workspace)
        let prepared = unet.prepare([Tensor](repeating: context, count: images))
        return { _ = try unet(x, timestep: 501, prepared) }
      }
    }
    return [
      LoadedModels.TimedPart(name: "text encoder") { workspace in { _ = try promptEncoder("", in: workspace) } },
      LoadedModels.TimedPart(name: "encode") { workspace in
        let image = Tensor([1, side, side, 3], repeating: 0.1, in: workspace)
        return { _ = try autoencoder.encode(image) }
      },
      unetPass(1), unetPass(2),
      LoadedModels.TimedPart(name: "decode") { workspace in
        let latents = Tensor([1, cells, cells, unet.configuration.outChannels], repeating: 0.1, in: workspace)
        return { _ = try autoencoder.decode(latents) }
      },
    ]
  }

  static func timedRun(_ models: LoadedModels, side: Int, steps: Int) throws -> LoadedModels.TimedPart? {
    let (pipeline, promptEncoder) = (try pipeline(models), try models(PromptEncoder.self))
    var settings = SamplingSettings()
    settings.steps = steps
    return LoadedModels.TimedPart(name: "whole run, \(steps) steps, guidance") { workspace in
      let context = try promptEncoder("", in: workspace)
      let image = Tensor([1, side, side, 3], repeating: 0, in: workspace)
      let mask = Tensor([1, side, side, 1], repeating: 1, in: workspace)
      let conditioning = Conditioning(context, guidance: (context, 7.5))
      return { _ = try pipeline.fill(image, mask: mask, conditioning, settings) { _ in } }
    }
  }
}
