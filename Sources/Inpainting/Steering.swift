import ASUKA
import Checkpoints
import SEELE
import StableDiffusion
import Tensors

/// What steers an operation's run and who decodes its latents, and which parts of a pack that takes.
struct Steering {
  private let request: Request
  /// Classifier-free guidance; 1 or less: none.
  private let guidance: Double
  private let harmonizes: Bool

  /// What a request leaves open is the pack's, then the operation's.  Throws where the pack's advice cannot be read.
  init(_ request: Request, _ pack: ModelPack) throws {
    let advice = try Recommendation(pack, for: request.operation)
    self.request = request
    // A learned prompt was learned without guidance.
    let usual = request.taskPrompt.isEmpty ? advice.guidance ?? request.operation.usualGuidance : 1
    guidance = request.guidance > 0 ? request.guidance : usual
    switch request.decoder {
    case .plain: harmonizes = false
    case .harmonizing: harmonizes = true
    case .auto where advice.decoder == .plain || advice.decoder == .harmonizing: harmonizes = advice.decoder == .harmonizing
    case .auto:
      switch request.operation {
      case .asukaInpaint: harmonizes = true
      case .outpaint: harmonizes = pack.has(.harmonizingDecoder)
      case .sdInpaint: harmonizes = false
      }
    }
  }

  /// Where the context comes from.
  private enum Source {
    case text
    case learned
    case prior
  }

  private var source: Source {
    if !request.taskPrompt.isEmpty { return .learned }
    return request.operation == .asukaInpaint ? .prior : .text
  }

  /// Equal prompts have nothing to be told apart.
  private var isGuided: Bool { guidance > 1 && (source != .text || request.prompt != request.negativePrompt) }

  /// ASUKA's prior takes no prompt, but may be mixed with the empty one's context, or be guided away from it.
  private var needsText: Bool { source != .prior || isGuided || request.priorStrength < 1 || !request.lora.isEmpty }
  private var needsPrior: Bool { source == .prior && request.priorStrength > 0 }

  /// The parts that a run reads, in the order in which it needs them.
  var parts: [ModelPart] {
    (needsPrior ? [.maskedAutoencoder, .alignment] : []) + (needsText ? [.textEncoder] : []) + [.unet, .autoencoder]
      + (harmonizes ? [.harmonizingDecoder] : [])
  }

  /// Throws for a part that the pack lacks, naming it and what could be done instead.
  func check(_ pack: ModelPack) throws {
    for part in parts {
      do { _ = try pack.byteCount(part) } catch let error as CheckpointError {
        switch part {
        case .maskedAutoencoder, .alignment:
          throw CheckpointError(error.message + "; a model of ASUKA has it, any other can fill with inpaint:sd-inpaint")
        case .harmonizingDecoder: throw CheckpointError(error.message + "; or use decoder=plain")
        case .textEncoder, .unet, .autoencoder: throw error
        }
      }
    }
  }

  /// The contexts of a run with a model whose `parts` are loaded.  image, mask: as for `StableDiffusionInpainter.fill`.
  func conditioning(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> Conditioning {
    let workspace = image.workspace
    func text(_ prompt: String) throws -> Tensor { try model.promptEncoder()(prompt, in: workspace) }
    let context = switch source {
    case .text: try text(request.prompt)
    case .learned: try LearnedPrompt(request.taskPrompt).context(model.promptEncoder(), in: workspace)
    case .prior where !needsPrior: try text("")
    case .prior where request.priorStrength < 1: mixed(try prior(model, image, mask: mask), try text(""))
    case .prior: try prior(model, image, mask: mask)
    }
    return Conditioning(context, guidance: isGuided ? (try text(request.negativePrompt), guidance) : nil)
  }

  /// Runs `body` with the request's LoRA in the model.
  func withLoRA<Result>(_ model: LoadedModel, _ body: () throws -> Result) throws -> Result {
    guard !request.lora.isEmpty else { return try body() }
    let models = try AdaptableModels(model.unet(), model.promptEncoder())
    return try models.with([(models.lora(request.lora), Float(request.loraScale))], body)
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
    let width = context.dim(2)
    let result = Tensor([1, tokens, width], in: context.workspace)
    for token in 0..<tokens {
      let source = token * context.dim(1) / tokens
      (result.pointer + token * width).update(from: context.pointer + source * width, count: width)
    }
    return result
  }

  /// What decodes the latents of a run over `image`; nil for the autoencoder's own decoder.
  func decoder(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> ((Tensor) throws -> Tensor)? {
    guard harmonizes else { return nil }
    let decoder = try model.harmonizingDecoder()
    return { try decoder.decode($0, image: image, mask: mask) }
  }
}

extension Operation {
  /// Why the operation, with its properties as they are at first, cannot use a pack; nil if it can.
  public func obstacle(in pack: ModelPack) -> String? {
    do {
      try Steering(Request(self), pack).check(pack)
      return nil
    } catch { return "\(error)" }
  }
}
