import ASUKA
import Checkpoints
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
    guidance = request.guidance > 0 ? request.guidance : advice.guidance ?? request.operation.usualGuidance
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

  /// Equal prompts have nothing to be told apart.
  private var isGuided: Bool {
    guidance > 1 && (request.operation == .asukaInpaint || request.prompt != request.negativePrompt)
  }

  /// ASUKA's prior takes no prompt, but may be mixed with the empty one's context, or be guided away from it.
  private var needsText: Bool { request.operation != .asukaInpaint || isGuided || request.priorStrength < 1 }
  private var needsPrior: Bool { request.operation == .asukaInpaint && request.priorStrength > 0 }

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
    switch request.operation {
    case .sdInpaint, .outpaint:
      return Conditioning(
        try text(request.prompt), guidance: isGuided ? (try text(request.negativePrompt), guidance) : nil)
    case .asukaInpaint:
      let empty = needsText ? try text("") : nil
      let prior = needsPrior ? try self.prior(model, image, mask: mask) : nil
      let context = switch (prior, empty) {
      case (let prior?, let empty?) where request.priorStrength < 1: mixed(prior, empty)
      case (let prior?, _): prior
      case (nil, let empty?): empty
      case (nil, nil): preconditionFailure("neither a prior nor a text")
      }
      return Conditioning(context, guidance: isGuided ? empty.map { ($0, guidance) } : nil)
    }
  }

  /// The masked autoencoder's idea of the hole, as a context [1, L, contextWidth].
  private func prior(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> Tensor {
    let autoencoder = try model.maskedAutoencoder()
    let seen = MaskedInput(image, mask: mask, side: autoencoder.configuration.imageSize)
    return try model.alignment()(autoencoder.features(seen))
  }

  /// empty + priorStrength (prior - empty), as ASUKA interpolates; the empty prompt's tokens are spread evenly over the
  /// prior's, since cross-attention knows no order.
  private func mixed(_ prior: Tensor, _ empty: Tensor) -> Tensor {
    let (tokens, width) = (prior.dim(1), prior.dim(2))
    let spread = Tensor(prior.shape, in: prior.workspace)
    for token in 0..<tokens {
      let source = token * empty.dim(1) / tokens
      (spread.pointer + token * width).update(from: empty.pointer + source * width, count: width)
    }
    return combine((request.priorStrength, prior), (1 - request.priorStrength, spread))
  }

  /// What decodes the latents of a run over `image`; nil for the autoencoder's own decoder.
  func decoder(_ model: LoadedModel, _ image: Tensor, mask: Tensor) throws -> ((Tensor) throws -> Tensor)? {
    guard harmonizes else { return nil }
    let decoder = try model.harmonizingDecoder()
    return { try decoder.decode($0, image: image, mask: mask) }
  }
}
