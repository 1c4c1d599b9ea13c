// SPDX-License-Identifier: LGPL-3.0-or-later
import Diffusion
import LaMa
import Numerics
import StableDiffusion

extension LoadedModels {
  /// A part of a run that can be timed by itself.
  package struct TimedPart {
    package let name: String
    /// Makes the part's inputs in a workspace and gives what is to be timed.
    package let prepare: (Workspace) throws -> () throws -> Void
  }

  private var isLaMa: Bool { pack.has(LaMaGenerator.part) }

  /// Reads the models of the parts.
  package func loadTimed() throws {
    try load(isLaMa ? LaMaPainter.requiredModels : DiffusionPainter.requiredModels) { _ in }
  }

  /// The parts of a run over side x side pixels, in the order in which they run.
  package func timedParts(side: Int) throws -> [TimedPart] { isLaMa ? [try pass(side: side)] : try sampled(side: side) }

  /// The one of LaMa.
  private func pass(side: Int) throws -> TimedPart {
    let generator = try self(LaMaGenerator.self)
    return TimedPart(name: "LaMa") { workspace in
      let image = Tensor([1, side, side, 3], repeating: 0.5, in: workspace)
      let mask = Tensor([1, side, side, 1], repeating: 1, in: workspace)
      return { _ = try generator(image, mask: mask) { _ in } }
    }
  }

  private func sampled(side: Int) throws -> [TimedPart] {
    let (promptEncoder, unet) = (try self(PromptEncoder.self), try self(UNet2DConditionModel.self))
    let autoencoder = try self(PackAutoencoder.self).codec
    let cells = side / autoencoder.downscale
    func unetPass(_ images: Int) -> TimedPart {
      TimedPart(name: images == 1 ? "UNet, one picture" : "UNet, two pictures (guidance)") { workspace in
        let x = Tensor([images, cells, cells, unet.configuration.inChannels], repeating: 0.1, in: workspace)
        let context = try promptEncoder("", in: workspace)
        let prepared = unet.prepare([Tensor](repeating: context, count: images))
        return { _ = try unet(x, timestep: 501, prepared) }
      }
    }
    return [
      TimedPart(name: "text encoder") { workspace in { _ = try promptEncoder("", in: workspace) } },
      TimedPart(name: "encode") { workspace in
        let image = Tensor([1, side, side, 3], repeating: 0.1, in: workspace)
        return { _ = try autoencoder.encode(image) }
      },
      unetPass(1), unetPass(2),
      TimedPart(name: "decode") { workspace in
        let latents = Tensor([1, cells, cells, unet.configuration.outChannels], repeating: 0.1, in: workspace)
        return { _ = try autoencoder.decode(latents) }
      },
    ]
  }

  /// A whole fill of side x side pixels with guidance; nil for a model that takes no steps.
  package func timedRun(side: Int, steps: Int) throws -> TimedPart? {
    guard !isLaMa else { return nil }
    let (pipeline, promptEncoder) = (try DiffusionPainter.pipeline(self), try self(PromptEncoder.self))
    var settings = SamplingSettings()
    settings.steps = steps
    return TimedPart(name: "whole run, \(steps) steps, guidance") { workspace in
      let context = try promptEncoder("", in: workspace)
      let image = Tensor([1, side, side, 3], repeating: 0, in: workspace)
      let mask = Tensor([1, side, side, 1], repeating: 1, in: workspace)
      let conditioning = Conditioning(context, guidance: (context, 7.5))
      return { _ = try pipeline.fill(image, mask: mask, conditioning, settings) { _ in } }
    }
  }
}
