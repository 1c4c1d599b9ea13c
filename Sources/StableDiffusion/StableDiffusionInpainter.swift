import Checkpoints
import Tensors

/// How a run goes about its picture.
public struct SamplingSettings: Sendable {
  public var prompt = ""
  public var negativePrompt = ""
  public var steps = 20  // 1 ... 150
  public var sampler = SamplerKind.dpmpp2M
  /// Classifier-free guidance (Ho and Salimans 2022); 1 or less: one UNet pass a step, no negative prompt.
  public var guidance = 7.5
  /// 0 ... 1; below 1 the run starts from the noised picture instead of noise.
  public var strength = 1.0
  public var seed: UInt64 = 0

  public init() {}
}

/// A loaded Stable Diffusion inpainting model (Rombach et al. 2022; 9-channel UNet).
public final class StableDiffusionInpainter {
  /// What a run is doing; `fraction` of the whole run is behind it.
  public struct Progress: Equatable, Sendable {
    public let fraction: Double
    public let stage: String

    public init(fraction: Double, stage: String) {
      self.fraction = fraction
      self.stage = stage
    }
  }

  let promptEncoder: PromptEncoder
  let unet: UNet2DConditionModel
  let autoencoder: AutoencoderKL
  let scheduler: SchedulerConfiguration

  /// Reads all weights.  Throws `CheckpointError` where the pack lacks a part or its parts do not fit each other, and
  /// what `progress` throws to stop it.
  public init(_ pack: ModelPack, progress: (Progress) throws -> Void) throws {
    try progress(Progress(fraction: 0, stage: "Loading the text encoder"))
    promptEncoder = try PromptEncoder(pack)
    try progress(Progress(fraction: 0.1, stage: "Loading the autoencoder"))
    autoencoder = try AutoencoderKL(pack)
    try progress(Progress(fraction: 0.2, stage: "Loading the UNet"))
    unet = try UNet2DConditionModel(pack)
    scheduler = try pack.has("scheduler")
      ? pack.configuration("scheduler").map { SchedulerConfiguration($0, source: pack.path + "/scheduler") }
        ?? .stableDiffusion : .stableDiffusion
    guard unet.configuration.crossAttentionWidth == promptEncoder.text.configuration.hiddenSize else {
      throw CheckpointError(
        "\(pack.path): the UNet's context is \(unet.configuration.crossAttentionWidth) wide, the text encoder's "
          + "\(promptEncoder.text.configuration.hiddenSize); they belong to different models")
    }
    guard autoencoder.configuration.latentChannels == unet.configuration.outChannels,
      unet.configuration.inChannels == 2 * unet.configuration.outChannels + 1
    else { throw CheckpointError("\(pack.path): the autoencoder's latents do not fit the UNet") }
  }

  /// Pixels that one latent cell stands for, along a side.
  public var cellSize: Int { autoencoder.configuration.downscale }

  /// Fills the mask.
  ///
  /// image: [1, H, W, 3] in -1 ... 1; mask: [1, H, W, 1], 1 = repaint, else 0; sides multiples of `cellSize`.
  /// Gives the decoded picture [1, H, W, 3], about -1 ... 1, everywhere.  Throws `Cancelled`, or `CheckpointError`
  /// where the sampler cannot do what is asked.
  public func fill(
    _ image: Tensor, mask: Tensor, _ settings: SamplingSettings, progress: (Progress) -> Void
  ) throws -> Tensor {
    let workspace = image.workspace
    var sampler = try settings.sampler.make(scheduler, steps: settings.steps, strength: settings.strength)
    let isGuided = settings.guidance > 1
    var account = WorkAccount(calls: sampler.timesteps.count * (isGuided ? 2 : 1), encodings: settings.strength < 1 ? 2 : 1)
    func report(_ stage: String) { progress(Progress(fraction: account.fraction, stage: stage)) }

    report("Encoding the picture")
    guard !sampler.timesteps.isEmpty else { return try autoencoder.decode(autoencoder.encode(image)) }
    var generator = TorchGenerator(seed: settings.seed)
    let (height, width) = (image.dim(1) / cellSize, image.dim(2) / cellSize)
    let noise = generator.latents(
      height: height, width: width, channels: unet.configuration.outChannels, in: workspace)
    var latents: Tensor
    if settings.strength < 1 {
      latents = sampler.noised(try autoencoder.encode(image), with: noise)
      account.done(encodings: 1)
    } else {
      latents = combine((Double(sampler.initialNoiseSigma), noise))
    }
    let known = concatenate(  // [1, h, w, mask | latents of the known part]
      cells(mask), try autoencoder.encode(withoutHole(image, mask)))
    account.done(encodings: 1)

    report("Reading the prompt")
    let prompts = isGuided ? [settings.negativePrompt, settings.prompt] : [settings.prompt]
    let context = unet.prepare(try prompts.map { try promptEncoder($0, in: workspace) })
    workspace.trim()  // the steps' blocks have other sizes

    for (step, timestep) in sampler.timesteps.enumerated() {
      report("Step \(step + 1) of \(sampler.timesteps.count)")
      let seen = concatenate(sampler.scaled(latents, at: step), known)
      let output = try unet(repeated(seen, prompts.count), timestep: timestep, context)
      let guided = isGuided
        ? combine((1 - settings.guidance, output[image: 0]), (settings.guidance, output[image: 1])) : output
      latents = sampler.step(guided, latents, at: step)
      account.done(calls: prompts.count)
    }

    report("Decoding the picture")
    workspace.trim()
    return try autoencoder.decode(latents)
  }

  /// A cell is a hole where any of its pixels is, so that thin masks survive.  [1, H, W, 1] -> [1, h, w, 1]
  private func cells(_ mask: Tensor) -> Tensor {
    let (height, width) = (mask.dim(1), mask.dim(2))
    let result = Tensor([1, height / cellSize, width / cellSize, 1], repeating: 0, in: mask.workspace)
    for y in 0..<height {
      for x in 0..<width where mask.pointer[y * width + x] >= 0.5 {
        result.pointer[y / cellSize * (width / cellSize) + x / cellSize] = 1
      }
    }
    return result
  }

  /// The hole in mid-grey.
  private func withoutHole(_ image: Tensor, _ mask: Tensor) -> Tensor {
    let result = image.copy()
    for pixel in 0..<mask.count where mask.pointer[pixel] >= 0.5 {
      for channel in 0..<3 { result.pointer[pixel * 3 + channel] = 0 }
    }
    return result
  }

  private func repeated(_ x: Tensor, _ count: Int) -> Tensor {
    guard count > 1 else { return x }
    let result = Tensor([count] + x.shape.dropFirst(), in: x.workspace)
    for image in 0..<count { (result.pointer + image * x.count).update(from: x.pointer, count: x.count) }
    return result
  }
}

/// How much of a run is done, in UNet passes over one picture (SD 1.5: 0.8 TFLOP; encode 1.1, decode 2.5).
private struct WorkAccount {
  private static let encoding = 1.4
  private static let decoding = 3.1
  private let total: Double
  private var finished = 0.0

  init(calls: Int, encodings: Int) { total = Double(calls) + Self.encoding * Double(encodings) + Self.decoding }

  var fraction: Double { finished / total }

  mutating func done(calls: Int = 0, encodings: Int = 0) {
    finished += Double(calls) + Self.encoding * Double(encodings)
  }
}
