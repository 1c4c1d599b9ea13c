// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Diffusion
import Numerics

/// Stable Diffusion inpainting (Rombach et al. 2022) with models that are loaded: a UNet that sees the mask and the known
/// part, of 9 channels, or one of 4 that sees the latents alone, whose known part is put back behind each step.
public struct StableDiffusionInpainter {
  private let unet: UNet2DConditionModel
  private let scheduler: SchedulerConfiguration
  public let codec: any LatentCodec

  /// Throws `CheckpointError` where the models do not fit each other.
  public init(_ unet: UNet2DConditionModel, _ codec: any LatentCodec, _ scheduler: SchedulerConfiguration) throws {
    guard codec.latentChannels == unet.configuration.outChannels else {
      throw CheckpointError("the autoencoder's latents do not fit the UNet; they belong to different models")
    }
    self.unet = unet
    self.codec = codec
    self.scheduler = scheduler
  }

  /// The same with another codec.  Throws `CheckpointError` where its latents do not fit the UNet.
  public func with(_ codec: any LatentCodec) throws -> Self { try Self(unet, codec, scheduler) }

  /// The width that a context must have.
  public var contextWidth: Int { unet.configuration.crossAttentionWidth }

  /// Fills the mask.
  ///
  /// image: [1, H, W, 3] in -1 ... 1; mask: [1, H, W, 1], 1 = repaint, else 0; strengths: of its shape, the share of the
  /// steps, the last ones, in which each pixel may change, and without it all; sides multiples of `codec.downscale`.
  /// previews: what `progress` is given behind each step.  Gives the decoded picture [1, H, W, 3], about -1 ... 1,
  /// everywhere.  Throws `Cancelled`, `CheckpointError` where
  /// the sampler cannot do what the model asks, or `SamplingError` where there can be no such steps.
  public func fill(
    _ image: Tensor, mask: Tensor, strengths: Tensor? = nil, _ conditioning: Conditioning, _ settings: SamplingSettings,
    previews: Previews = .none, progress: (Progress) -> Void
  ) throws -> Tensor {
    let workspace = image.workspace
    let seesMask = unet.configuration.seesMask
    let denoise = try DenoisingLoop(scheduler, settings, keepsKnown: !seesMask || strengths != nil)
    var unet = GuidedUNet(unet, conditioning, cacheInterval: settings.cacheInterval)
    let behind = denoise.progress
    var run = RunProgress(
      passes: behind.enumerated().map { unet.passes(at: $1, number: $0) },
      encodings: denoise.needsPicture && seesMask ? 2 : 1)
    func encoded(_ image: Tensor) throws -> Tensor {
      progress(run.encoding())
      return try codec.encode(image)
    }
    guard denoise.count > 0 else { return try codec.decode(encoded(image)) }
    let hole = mask.latentMask(downscale: codec.downscale)
    let picture = denoise.needsPicture ? try encoded(image) : nil
    // [1, h, w, mask | latents of the known part]
    let known = seesMask ? concatenate(hole, try encoded(image.masked(by: mask))) : nil
    workspace.trim()  // the steps' blocks have other sizes

    var generator = TorchGenerator(seed: settings.seed)
    var call = 0
    let shape = [1, hole.dim(1), hole.dim(2), codec.latentChannels]
    let preview = previews.painter(image, mask: mask, latents: known?.channels(1..<1 + codec.latentChannels) ?? picture)
    let latents = try denoise(
      picture, hole: Hole(strengths?.maxPooled(codec.downscale) ?? hole), noise: { generator.normal(shape, in: workspace) },
      showing: { original in try preview.flatMap { run.showing(try $0(original())) }.map(progress) }
    ) { x, timestep in
      progress(run.nextStep())
      call += 1
      return try unet(known.map { concatenate(x, $0) } ?? x, timestep: timestep, at: behind[call - 1])
    }

    progress(run.decoding())
    workspace.trim()
    return try codec.decode(latents)
  }

  /// What makes the masked subject fit its surroundings, as a change of the picture (`LocalHarmonization`).
  ///
  /// Here the network has a LoRA, and the context is a prompt, with which it was trained.  The latents as they are and as
  /// they should be are both decoded, and only their difference counts: what the codec loses stays in the picture.
  ///
  /// image, mask: as for `fill`.  Gives what is to be added to the image, [1, H, W, 3], everywhere; nothing with a
  /// strength of 0.  The UNet sees the mask.  Throws `Cancelled`, `CheckpointError` where the pack's schedule cannot be used,
  /// or `SamplingError`.
  public func harmonize(
    _ image: Tensor, mask: Tensor, _ conditioning: Conditioning, _ settings: SamplingSettings,
    progress: (Progress) -> Void
  ) throws -> Tensor {
    precondition(unet.configuration.seesMask, "\(unet.configuration.inChannels) input channels, and a picture to see")
    let workspace = image.workspace
    let harmonization = try LocalHarmonization(scheduler, settings)
    let steps = harmonization.count
    var unet = GuidedUNet(unet, conditioning)
    var run = RunProgress(
      passes: (0..<steps).map { unet.passes(at: 0, number: $0) }, encodings: 1, decodings: 2)
    progress(run.encoding())
    guard steps > 0 else { return Tensor(image.shape, repeating: 0, in: workspace) }
    let source = try codec.encode(image)  // [1, h, w, 4]
    let known = concatenate(mask.latentMask(downscale: codec.downscale), source)  // [1, h, w, mask | latents]
    workspace.trim()  // the steps' blocks have other sizes

    var generator = TorchGenerator(seed: settings.seed)
    let noise = generator.normal([steps] + source.shape.dropFirst(), in: workspace)
    let change = try harmonization.change(of: source, noise: noise) {
      progress(run.nextStep())
      return try unet(concatenate($0, known), timestep: $1)
    }

    func decoded(_ latents: Tensor) throws -> Tensor {
      progress(run.decoding())
      return try codec.decode(latents)
    }
    workspace.trim()
    let before = try decoded(source)
    let after = try decoded(linearCombination((1, source), (-1, change)))
    return linearCombination((1, after), (-1, before))
  }
}
