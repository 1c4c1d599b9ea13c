import StableDiffusion
import Tensors

extension LoadedModel {
  /// A part of a run that can be timed by itself.
  public struct TimedPart {
    public let name: String
    /// Makes the part's inputs in a workspace and gives what is to be timed.
    public let prepare: (Workspace) throws -> () throws -> Void
  }

  /// The parts of a run over side x side pixels, in the order in which they run.
  public func timedParts(side: Int) throws -> [TimedPart] {
    let (promptEncoder, unet, autoencoder) = (try promptEncoder(), try unet(), try autoencoder())
    let cells = side / autoencoder.configuration.downscale
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
}
