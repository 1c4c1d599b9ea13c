// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Layers
import Properties
import StableDiffusion

/// What a run needs of a pack, and of the memory.
extension DiffusionPainter {
  func needs(_ models: LoadedModels) -> [any PackModel.Type] {
    var needs: [any PackModel.Type] = settings.needsPrior(request) ? [MaskedAutoencoder.self, AlignmentModule.self] : []
    if !hasTexts(models) || !settings.loras.isEmpty, settings.needsText(request) { needs.append(PromptEncoder.self) }
    needs += [UNet2DConditionModel.self, autoencoder]
    return needs + (settings.takesHarmonizingDecoder ? [HarmonizingDecoder.self] : [])
  }

  private var autoencoder: any PackModel.Type {
    settings.takesTinyAutoencoder ? AutoencoderTiny.self : PackAutoencoder.self
  }

  func tensorBytes(width: Int, height: Int) throws -> Int {
    let pixels = summary.padded(width) * summary.padded(height)
    let noiseBytes = settings.paintsChange ? summary.noiseBytes(pixels: pixels, count: settings.steps) : 0
    let unetBytes = summary.activationBytes(
      pixels: pixels, isGuided: settings.guidance != nil, withLoRA: !settings.loras.isEmpty)
    var bytes = [unetBytes + noiseBytes]
    if settings.needsPrior(request) {
      let autoencoder = try MaskedAutoencoderConfiguration(pack)
      let features = autoencoder.grid * autoencoder.grid
      bytes += [autoencoder.activationBytes, try AlignmentConfiguration(pack).activationBytes(features: features)]
    }
    if settings.takesHarmonizingDecoder {
      bytes.append(try HarmonizingDecoderConfiguration(pack).autoencoder.activationBytes(pixels: pixels))
    }
    return bytes.max() ?? 0
  }

  /// Throws where no layer of the text encoder would be left.
  static func checkClipSkip(_ skipped: Int, _ pack: OpenedPack) throws {
    guard skipped > 0 else { return }
    let layers = try TextEncoderConfiguration(pack).layers
    guard skipped < layers else {
      throw InpaintingError(
        "clip-skip is \(skipped); the text encoder of \(pack.path) has \(layers) layers, of which one has to stay")
    }
  }

  /// Throws for a part that the pack lacks, naming it and what could be done instead.
  static func checkParts(
    _ settings: DiffusionSettings, of pack: OpenedPack, _ task: DiffusionTask, _ request: Request
  ) throws {
    func check(_ model: any PackModel.Type, instead: String = "") throws {
      do { _ = try pack.byteCount(model.part) } catch let error as CheckpointError where !pack.has(model.part) {
        throw CheckpointError(error.message + instead)
      }
    }
    if settings.needsPrior(request) {
      let instead = "; a model of ASUKA has it, any other can fill with inpaint:sd-inpaint"
      try check(MaskedAutoencoder.self, instead: instead)
      try check(AlignmentModule.self, instead: instead)
    }
    if settings.needsText(request) { try check(PromptEncoder.self) }
    try check(UNet2DConditionModel.self)
    if settings.takesTinyAutoencoder {
      try check(
        AutoencoderTiny.self, instead: "; for Stable Diffusion 1 and 2 madebyollin/taesd is one; or use autoencoder=full")
    } else {
      try check(PackAutoencoder.self)
    }
    if settings.takesHarmonizingDecoder { try check(HarmonizingDecoder.self, instead: "; or use decoder=plain") }
    if let name = task.changesWithLoRA, settings.loras.isEmpty {
      throw CheckpointError(
        "no lora/\(name).safetensors in \(pack.path); harmonizing takes a LoRA that was trained for it, which the "
          + "property lora may name instead; examples/training says how one is trained")
    }
  }
}

extension DiffusionSettings {
  func needsPrior(_ request: Request) -> Bool { source == .prior && request.priorStrength > 0 }

  /// What the text encoder reads.  ASUKA's prior takes no prompt, but may be mixed with the empty one's context, or be
  /// guided away from a text.
  func texts(_ request: Request) -> Set<Source> {
    var texts: Set<Source> = source == .prior ? [] : [source]
    if let guidance { texts.insert(.text(guidance.text)) }
    if source == .prior, request.priorStrength < 1 { texts.insert(.text("")) }
    return texts
  }

  /// A LoRA may add to the text encoder.
  func needsText(_ request: Request) -> Bool { !texts(request).isEmpty || !loras.isEmpty }
}
