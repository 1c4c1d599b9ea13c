// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Numerics
import Properties
import SEELE
import StableDiffusion

/// What a context is made of.
private struct ContextKey: Equatable {
  let source: DiffusionSettings.Source
  let skippedLayers: Int
  /// A LoRA may change the text encoder.
  let loras: [String]
  /// Of the files of both.
  let files: [Int]
}

/// A context as it is kept between jobs, whose tensors go with their workspaces.
private struct StoredContext {
  private let shape: [Int]
  private let values: [Float]

  init(_ tensor: Tensor) { (shape, values) = (tensor.shape, tensor.array) }

  var bytes: Int { values.count * MemoryLayout<Float>.stride }

  func tensor(in workspace: Workspace) -> Tensor { Tensor(shape, values, in: workspace) }
}

extension DiffusionPainter {
  /// Whether all texts that the contexts are made of are encoded.
  func hasTexts(_ models: LoadedModels) -> Bool {
    settings.texts(request).allSatisfy { models.recent[key($0), as: StoredContext.self] != nil }
  }

  private func key(_ source: DiffusionSettings.Source) -> ContextKey {
    let learned = if case .learned(let file) = source { [file] } else { [String]() }
    return ContextKey(
      source: source, skippedLayers: request.clipSkip, loras: settings.loras.map { "\($0.scale) \($0.path)" },
      files: (learned + settings.loras.map(\.path)).map(fileIdentity))
  }

  /// The contexts of a job.  image: [1, H, W, 3] in -1 ... 1; mask: [1, H, W, 1], 1 = repaint, else 0.
  func conditioning(_ models: LoadedModels, _ image: Tensor, mask: Tensor) throws -> Conditioning {
    let workspace = image.workspace
    func context(_ source: DiffusionSettings.Source) throws -> Tensor { try self.context(source, models, in: workspace) }
    let strength = request.priorStrength
    let context_ = switch settings.source {
    case .text, .learned: try context(settings.source)
    case .prior where strength == 0: try context(.text(""))
    case .prior where strength < 1: mixed(try prior(models, image, mask: mask), try context(.text("")))
    case .prior: try prior(models, image, mask: mask)
    }
    return Conditioning(
      context_, guidance: try settings.guidance.map { (try context(.text($0.text)), $0.scale) },
      guidedPart: settings.guidedPart,
      embeddedGuidance: settings.embeddedGuidance)
  }

  /// The context [1, L, contextWidth] of a text or a learned prompt, encoded when it is first asked for.
  func context(
    _ source: DiffusionSettings.Source, _ models: LoadedModels, in workspace: Workspace
  ) throws -> Tensor {
    let key = key(source)
    if let stored = models.recent[key, as: StoredContext.self] { return stored.tensor(in: workspace) }
    var encoder = try models(PromptEncoder.self)
    encoder.skippedLayers = request.clipSkip
    let context = switch source {
    case .text(let prompt): try encoder(prompt, in: workspace)
    case .learned(let file): try LearnedPrompt(file).context(encoder, in: workspace)
    case .prior: preconditionFailure("the prior's context is each picture's own")
    }
    let stored = StoredContext(context)
    models.recent.keep(stored, for: key, bytes: stored.bytes)
    return context
  }

  /// Runs `body` with the LoRAs in the model; their files are read once.
  func withLoRA<Result>(_ models: LoadedModels, _ body: () throws -> Result) throws -> Result {
    guard !settings.loras.isEmpty else { return try body() }
    let adaptable = try AdaptableModels(models(UNet2DConditionModel.self), models(PromptEncoder.self))
    let loras = try self.loras ?? settings.loras.map { (try adaptable.lora($0.path), Float($0.scale)) }
    self.loras = loras
    return try adaptable.with(loras, body)
  }

  /// The masked autoencoder's idea of the hole, as a context [1, L, contextWidth].
  private func prior(_ models: LoadedModels, _ image: Tensor, mask: Tensor) throws -> Tensor {
    let autoencoder = try models(MaskedAutoencoder.self)
    let seen = MaskedInput(image, mask: mask, side: autoencoder.configuration.imageSize)
    return try models(AlignmentModule.self)(autoencoder.features(seen))
  }

  /// empty + priorStrength (prior - empty), as ASUKA interpolates.  The shorter one's tokens are spread evenly over the
  /// longer's: cross-attention knows no order, and hardly minds how often a token is there.
  private func mixed(_ prior: Tensor, _ empty: Tensor) -> Tensor {
    let tokens = max(prior.dim(1), empty.dim(1))
    return linearCombination((request.priorStrength, spread(prior, tokens)), (1 - request.priorStrength, spread(empty, tokens)))
  }

  /// [1, L, D] -> [1, tokens, D], each token as often as its neighbours or once more
  private func spread(_ context: Tensor, _ tokens: Int) -> Tensor {
    context.gatherRows((0..<tokens).map { $0 * context.dim(1) / tokens })
  }
}
