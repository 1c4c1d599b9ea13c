import Checkpoints
import Numerics

/// How a run goes about its picture.
public struct SamplingSettings: Sendable {
  public var steps = 20  // 1 ... 150
  public var sampler = SamplerKind.dpmpp2M
  /// How many steps repaint goes back at once, and how often it is at each place; 1 or more.
  public var jumpLength = 10
  public var jumpSamples = 10
  /// 0 ... 1; below 1 the run starts from the noised picture instead of noise.
  public var strength = 1.0
  public var seed: UInt64 = 0

  public init() {}
}

/// What steers a run.
public struct Conditioning {
  /// What the UNet attends to, [1, L, contextWidth].
  public let context: Tensor
  /// Classifier-free guidance (Ho and Salimans 2022): the context to move away from, of any length, and how far, above
  /// 1.  Without it a step is one UNet pass.
  public let guidance: (unconditional: Tensor, scale: Double)?

  public init(_ context: Tensor, guidance: (unconditional: Tensor, scale: Double)? = nil) {
    self.context = context
    self.guidance = guidance
  }

  /// The unconditional half first, as in diffusers.
  var contexts: [Tensor] { [guidance?.unconditional, context].compactMap { $0 } }
}

/// Stable Diffusion inpainting (Rombach et al. 2022; 9-channel UNet) with models that are loaded.
public struct StableDiffusionInpainter {
  /// What a run is doing; `fraction` of the whole run is behind it.
  public struct Progress: Equatable, Sendable {
    public let fraction: Double
    public let stage: String

    public init(fraction: Double, stage: String) {
      self.fraction = fraction
      self.stage = stage
    }
  }

  let unet: UNet2DConditionModel
  let autoencoder: AutoencoderKL
  let scheduler: SchedulerConfiguration

  /// Throws `CheckpointError` where the models do not fit each other.
  public init(_ unet: UNet2DConditionModel, _ autoencoder: AutoencoderKL, _ scheduler: SchedulerConfiguration) throws {
    guard autoencoder.configuration.latentChannels == unet.configuration.outChannels,
      unet.configuration.inChannels == 2 * unet.configuration.outChannels + 1
    else { throw CheckpointError("the autoencoder's latents do not fit the UNet; they belong to different models") }
    self.unet = unet
    self.autoencoder = autoencoder
    self.scheduler = scheduler
  }

  /// Pixels that one latent cell stands for, along a side.
  public var cellSize: Int { autoencoder.configuration.downscale }

  /// The width that a context must have.
  public var contextWidth: Int { unet.configuration.crossAttentionWidth }

  /// Fills the mask.
  ///
  /// image: [1, H, W, 3] in -1 ... 1; mask: [1, H, W, 1], 1 = repaint, else 0; sides multiples of `cellSize`.
  /// `decoder`, instead of the autoencoder's own, takes scaled latents [1, h, w, 4].
  /// Gives the decoded picture [1, H, W, 3], about -1 ... 1, everywhere.  Throws `Cancelled`, or `CheckpointError`
  /// where the sampler cannot do what is asked.
  public func fill(
    _ image: Tensor, mask: Tensor, _ conditioning: Conditioning, _ settings: SamplingSettings,
    decoder: ((_ latents: Tensor) throws -> Tensor)? = nil, progress: (Progress) -> Void
  ) throws -> Tensor {
    let workspace = image.workspace
    let decode = decoder ?? autoencoder.decode
    var sampler = try settings.sampler.make(
      scheduler, steps: settings.steps, strength: settings.strength, jumpLength: settings.jumpLength,
      jumpSamples: settings.jumpSamples)
    let needsPicture = settings.strength < 1 || sampler.holdsKnown
    var account = WorkAccount(
      calls: sampler.timesteps.count * conditioning.contexts.count, encodings: needsPicture ? 2 : 1)
    func report(_ stage: String) { progress(Progress(fraction: account.fraction, stage: stage)) }

    report("Encoding the picture")
    guard !sampler.timesteps.isEmpty else { return try decode(autoencoder.encode(image)) }
    var generator = TorchGenerator(seed: settings.seed)
    let (height, width) = (image.dim(1) / cellSize, image.dim(2) / cellSize)
    let draw = {
      generator.latents(height: height, width: width, channels: unet.configuration.outChannels, in: workspace)
    }
    let noise = draw()
    let hole = cells(mask)
    var latents = combine((Double(sampler.initialNoiseSigma), noise))
    if needsPicture {
      let picture = try autoencoder.encode(image)
      if settings.strength < 1 { latents = sampler.noised(picture, with: noise) }
      sampler.hold(picture, hole: hole, noise: draw)
      account.done(encodings: 1)
    }
    // [1, h, w, mask | latents of the known part]
    let known = concatenate(hole, try autoencoder.encode(withoutHole(image, mask)))
    account.done(encodings: 1)

    let prepared = prepared(conditioning)
    workspace.trim()  // the steps' blocks have other sizes

    for (step, timestep) in sampler.timesteps.enumerated() {
      report("Step \(step + 1) of \(sampler.timesteps.count)")
      let seen = concatenate(sampler.scaled(latents, at: step), known)
      latents = sampler.step(try guided(seen, timestep: timestep, prepared, conditioning), latents, at: step)
      account.done(calls: conditioning.contexts.count)
    }

    report("Decoding the picture")
    workspace.trim()
    return try decode(latents)
  }

  /// What stays the same of a conditioning through all steps.
  func prepared(_ conditioning: Conditioning) -> PreparedContext {
    let contexts = conditioning.contexts
    precondition(
      contexts.allSatisfy { $0.dim(-1) == contextWidth },
      "contexts \(contexts.map(\.shape)), the UNet's are \(contextWidth) wide")
    return unet.prepare(contexts)
  }

  /// The UNet's output, with guidance where there is one.  seen: [1, h, w, latents | mask | latents of the known part]
  /// -> [1, h, w, 4]
  func guided(
    _ seen: Tensor, timestep: Float, _ prepared: PreparedContext, _ conditioning: Conditioning
  ) throws -> Tensor {
    let output = try unet(seen.repeated(conditioning.contexts.count), timestep: timestep, prepared)
    guard let guidance = conditioning.guidance else { return output }
    return combine((1 - guidance.scale, output[image: 0]), (guidance.scale, output[image: 1]))
  }

  /// A cell is a hole where any of its pixels is, so that thin masks survive.  [1, H, W, 1] -> [1, h, w, 1]
  func cells(_ mask: Tensor) -> Tensor { mask.maxPooled(cellSize).atLeast(0.5) }

  /// The hole in mid-grey.
  private func withoutHole(_ image: Tensor, _ mask: Tensor) -> Tensor {
    let result = Tensor(image.shape, repeating: 0, in: image.workspace)
    result.keepInPlace(where: mask.atLeast(0.5), of: image)
    return result
  }
}

/// How much of a run is done, in UNet passes over one picture (SD 1.5: 0.8 TFLOP; encode 1.1, decode 2.5).
struct WorkAccount {
  private static let encoding = 1.4
  private static let decoding = 3.1
  private let total: Double
  private var finished = 0.0

  init(calls: Int, encodings: Int, decodings: Int = 1) {
    total = Double(calls) + Self.encoding * Double(encodings) + Self.decoding * Double(decodings)
  }

  var fraction: Double { finished / total }

  mutating func done(calls: Int = 0, encodings: Int = 0, decodings: Int = 0) {
    finished += Double(calls) + Self.encoding * Double(encodings) + Self.decoding * Double(decodings)
  }
}
