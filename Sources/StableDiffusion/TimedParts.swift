import Tensors

extension StableDiffusionInpainter {
  /// A part of a run that can be timed by itself.
  public struct TimedPart {
    public let name: String
    /// Makes the part's inputs in a workspace and gives what is to be timed.
    public let prepare: (Workspace) throws -> () throws -> Void
  }

  /// The parts of a run over side x side pixels, in the order in which they run.
  public func parts(side: Int) throws -> [TimedPart] {
    let cells = side / cellSize
    func unetPass(_ images: Int) -> TimedPart {
      TimedPart(name: images == 1 ? "UNet, one picture" : "UNet, two pictures (guidance)") { [self] workspace in
        let x = Tensor([images, cells, cells, unet.configuration.inChannels], repeating: 0.1, in: workspace)
        let context = try promptEncoder("", in: workspace)
        let prepared = unet.prepare([Tensor](repeating: context, count: images))
        return { [self] in _ = try unet(x, timestep: 501, prepared) }
      }
    }
    return [
      TimedPart(name: "text encoder") { [self] workspace in { [self] in _ = try promptEncoder("", in: workspace) } },
      TimedPart(name: "encode") { [self] workspace in
        let image = Tensor([1, side, side, 3], repeating: 0.1, in: workspace)
        return { [self] in _ = try autoencoder.encode(image) }
      },
      unetPass(1), unetPass(2),
      TimedPart(name: "decode") { [self] workspace in
        let latents = Tensor([1, cells, cells, unet.configuration.outChannels], repeating: 0.1, in: workspace)
        return { [self] in _ = try autoencoder.decode(latents) }
      },
    ]
  }
}
