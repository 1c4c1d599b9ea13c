import ASUKA
import Checkpoints
import SEELE
import StableDiffusion
import Tensors

/// What steers an operation's run, in which steps, who decodes its latents, and which parts of a pack that takes.
struct Steering {
  /// Where the context comes from.
  fileprivate enum Source {
    case text(String)
    /// A learned prompt's file.
    case learned(String)
    /// ASUKA's masked autoencoder.
    case prior
  }

  private let request: Request
  fileprivate let source: Source
  /// Classifier-free guidance; 1 or less: none.
  private let guidance: Double
  private let steps: Int
  private let takesHarmonizingDecoder: Bool
  /// The fill's detail comes from the known pixels around it.
  let matchesDetail: Bool
  /// Files of LoRAs, which add up, and how strongly they count: the pack's for the task, then the request's.
  private let loras: [(path: String, scale: Double)]
  /// What the user may want to know of the choice; nil where it is as expected.
  let note: String?

  /// What a request leaves open is the pack's, then the operation's.  Throws where the pack's advice cannot be read.
  init(_ request: Request, _ pack: OpenedPack) throws {
    let advice = try Recommendation(pack, for: request.operation)
    let source = try Self.source(request, pack)
    self.request = request
    self.source = source
    let usual = if case .text = source { advice.guidance ?? request.operation.usualGuidance } else { advice.guidance ?? 1 }
    guidance = request.guidance > 0 ? request.guidance : usual
    steps = request.steps > 0 ? request.steps : advice.steps ?? 20
    takesHarmonizingDecoder = switch (request.decoder, advice.decoder ?? .auto) {
    case (.harmonizing, _), (.auto, .harmonizing): true
    case (.plain, _), (.auto, .plain): false
    case (.auto, .auto):
      request.operation == .asukaInpaint || request.operation == .outpaint && pack.has(.harmonizingDecoder)
    }
    matchesDetail = !request.operation.addsToPicture
      && (request.detail == .auto ? advice.detail ?? .auto : request.detail) == .surroundings
    var loras: [(path: String, scale: Double)] = []
    if request.operation == .seeleHarmonize, let own = try pack.lora("harmonize") {
      loras.append((own, 1))  // the scale that it was trained at
    }
    if !request.lora.isEmpty { loras.append((request.lora, request.loraScale)) }
    self.loras = loras
    note = if case .text(let text) = source, let task = request.operation.task {
      "no learned prompt \"\(task.name)\" in \(pack.path): the text \"\(text)\" takes its place, which keeps less to the "
        + "task; examples/training says how a prompt is learned"
    } else { nil }
  }

  /// The request's learned prompt, else the pack's for the task, else a text.
  private static func source(_ request: Request, _ pack: OpenedPack) throws -> Source {
    if !request.taskPrompt.isEmpty { return .learned(request.taskPrompt) }
    if let task = request.operation.task {
      return try pack.taskPrompt(task.name).map(Source.learned) ?? .text(task.text)
    }
    if request.operation == .asukaInpaint { return .prior }
    if request.operation == .outpaint, request.prompt.isEmpty, let learned = try pack.taskPrompt("outpaint") {
      return .learned(learned)
    }
    return .text(request.prompt)
  }

  /// Equal prompts have nothing to be told apart.
  private var isGuided: Bool {
    if case .text(let text) = source { return guidance > 1 && text != request.negativePrompt }
    return guidance > 1
  }

  private var needsPrior: Bool { if case .prior = source { request.priorStrength > 0 } else { false } }

  /// ASUKA's prior takes no prompt, but may be mixed with the empty one's context, or be guided away from it; a LoRA may
  /// add to the text encoder, and learned prompts are measured against it.
  private var needsText: Bool {
    if case .prior = source { return isGuided || request.priorStrength < 1 || !loras.isEmpty }
    return true
  }

  /// Whether the text encoder may go when the prompt has been read: what adds a LoRA to it holds on to it.
  var canReleaseTextEncoder: Bool { loras.isEmpty }

  /// The parts that a run reads, in the order in which it needs them.
  var parts: [ModelPart] {
    (needsPrior ? [.maskedAutoencoder, .alignment] : []) + (needsText ? [.textEncoder] : []) + [.unet, .autoencoder]
      + (takesHarmonizingDecoder ? [.harmonizingDecoder] : [])
  }

  /// The most memory that the tensors of a run over `pixels` pixels take at once, in bytes.  Throws where a part's
  /// configuration cannot be used.
  func tensorBytes(_ pack: OpenedPack, _ model: ModelSummary, pixels: Int) throws -> Int {
    let noiseBytes = request.operation == .seeleHarmonize ? model.noiseBytes(pixels: pixels, count: steps) : 0
    var bytes = [model.activationBytes(pixels: pixels, withLoRA: !loras.isEmpty) + noiseBytes]
    if needsPrior {
      let autoencoder = try MaskedAutoencoderConfiguration(pack)
      let features = autoencoder.grid * autoencoder.grid
      bytes += [autoencoder.activationBytes, try AlignmentConfiguration(pack).activationBytes(features: features)]
    }
    if takesHarmonizingDecoder {
      bytes.append(try HarmonizingDecoderConfiguration(pack).autoencoder.activationBytes(pixels: pixels))
    }
    return bytes.max() ?? 0
  }

  /// Bytes that reading `parts` and the LoRAs takes.  Throws where a file cannot be read.
  func weightBytes(_ pack: OpenedPack, _ parts: [ModelPart]) throws -> Int {
    let loraBytes = try loras.reduce(0) { try $0 + LoRA.byteCountWhileAdded($1.path) }
    return try parts.reduce(loraBytes) { try $0 + pack.byteCount($1) }
  }

  /// Throws for a part that the pack lacks, naming it and what could be done instead.
  func check(_ pack: OpenedPack) throws {
    for part in parts {
      do { _ = try pack.byteCount(part) } catch let error as CheckpointError where !pack.has(part) {
        switch part {
        case .maskedAutoencoder, .alignment:
          throw CheckpointError(error.message + "; a model of ASUKA has it, any other can fill with inpaint:sd-inpaint")
        case .harmonizingDecoder: throw CheckpointError(error.message + "; or use decoder=plain")
        case .textEncoder, .unet, .autoencoder: throw error
        }
      }
    }
    if request.operation == .seeleHarmonize, loras.isEmpty {
      throw CheckpointError(
        "no lora/harmonize.safetensors in \(pack.path); harmonizing takes a LoRA that was trained for it, which the "
          + "property lora may name instead; examples/training says how one is trained")
    }
  }

  /// Each pass has noise of its own, the first the seed's; steps far apart, so that the next seed's passes share none.
  func samplingSettings(pass: Int) -> SamplingSettings {
    var settings = SamplingSettings()
    settings.steps = steps
    settings.sampler = request.sampler
    settings.jumpLength = request.jumpLength
    settings.jumpSamples = request.jumpSamples
    settings.strength = request.strength
    settings.seed = request.seed &+ UInt64(pass) &* 0x9E37_79B9_7F4A_7C15
    return settings
  }

  /// The contexts of a run with a model whose `parts` are loaded.  image, mask: as for `StableDiffusionInpainter.fill`.
  func conditioning(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> Conditioning {
    let workspace = image.workspace
    func text(_ prompt: String) throws -> Tensor { try model.promptEncoder()(prompt, in: workspace) }
    let context = switch source {
    case .text(let prompt): try text(prompt)
    case .learned(let file): try LearnedPrompt(file).context(model.promptEncoder(), in: workspace)
    case .prior where !needsPrior: try text("")
    case .prior where request.priorStrength < 1: mixed(try prior(model, image, mask: mask), try text(""))
    case .prior: try prior(model, image, mask: mask)
    }
    return Conditioning(context, guidance: isGuided ? (try text(request.negativePrompt), guidance) : nil)
  }

  /// Runs `body` with the LoRAs in the model.
  func withLoRA<Result>(_ model: LoadedModel, _ body: () throws -> Result) throws -> Result {
    guard !loras.isEmpty else { return try body() }
    let models = try AdaptableModels(model.unet(), model.promptEncoder())
    return try models.with(loras.map { (try models.lora($0.path), Float($0.scale)) }, body)
  }

  /// The masked autoencoder's idea of the hole, as a context [1, L, contextWidth].
  private func prior(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> Tensor {
    let autoencoder = try model.maskedAutoencoder()
    let seen = MaskedInput(image, mask: mask, side: autoencoder.configuration.imageSize)
    return try model.alignment()(autoencoder.features(seen))
  }

  /// empty + priorStrength (prior - empty), as ASUKA interpolates.  The shorter one's tokens are spread evenly over the
  /// longer's: cross-attention knows no order, and hardly minds how often a token is there.
  private func mixed(_ prior: Tensor, _ empty: Tensor) -> Tensor {
    let tokens = max(prior.dim(1), empty.dim(1))
    return combine((request.priorStrength, spread(prior, tokens)), (1 - request.priorStrength, spread(empty, tokens)))
  }

  /// [1, L, D] -> [1, tokens, D], each token as often as its neighbours or once more
  private func spread(_ context: Tensor, _ tokens: Int) -> Tensor {
    context.gatherRows((0..<tokens).map { $0 * context.dim(1) / tokens })
  }

  /// What decodes the latents of a run over `image`; nil for the autoencoder's own decoder.
  func decoder(_ model: LoadedModel, _ image: Tensor, mask: () -> Tensor) throws -> ((Tensor) throws -> Tensor)? {
    guard takesHarmonizingDecoder else { return nil }
    let (decoder, mask) = (try model.harmonizingDecoder(), mask())
    return { try decoder.decode($0, image: image, mask: mask) }
  }
}

extension Operation {
  /// SEELE's tasks: the learned prompt's name, and the text in its place (the baselines of Wang et al. 2024, section 5;
  /// for harmonizing they have none).
  fileprivate var task: (name: String, text: String)? {
    switch self {
    case .seeleRemove: ("remove", "inpaint")
    case .seeleComplete: ("complete", "complete the subject")
    case .seeleHarmonize: ("harmonize", "harmonize the subject")
    case .sdInpaint, .asukaInpaint, .outpaint: nil
    }
  }

  /// Reads what a model's pack has for the operation beside the parts: its advice, a learned prompt, a LoRA.  Throws
  /// where one cannot be read or does not fit the model.
  public func check(_ model: LoadedModel, in workspace: Workspace) throws {
    let steering = try Steering(Request(self), model.pack)
    if case .learned(let file) = steering.source {
      _ = try LearnedPrompt(file).context(model.promptEncoder(), in: workspace)
    }
    try steering.withLoRA(model) {}
  }

  /// Why the operation, with its properties as they are at first, cannot use a pack; nil if it can.
  public func obstacle(in pack: OpenedPack) -> String? {
    do {
      try Steering(Request(self), pack).check(pack)
      return nil
    } catch { return "\(error)" }
  }
}
