// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Diffusion
import Imaging
import Layers
import Numerics
import Properties
import StableDiffusion

/// Stable Diffusion inpainting, ASUKA and SEELE: one UNet and one autoencoder, steered by different contexts.
final class DiffusionPainter: Painter {
  static let operations = Operation.allCases.filter { DiffusionTask($0) != nil }
  static let shelf = ModelShelf(
    variable: "GEGL_INPAINT_MODEL", usersDefault: "default", installed: "mini", wanted: "a Stable Diffusion inpainting model")
  static let models: [any PackModel.Type] = [
    PromptEncoder.self, UNet2DConditionModel.self, PackAutoencoder.self, AutoencoderTiny.self, MaskedAutoencoder.self, AlignmentModule.self,
    HarmonizingDecoder.self,
  ]

  static let requiredModels: [any PackModel.Type] = [PromptEncoder.self, UNet2DConditionModel.self, PackAutoencoder.self]

  static func summary(_ pack: OpenedPack) throws -> (title: String, nativeSize: Int) {
    let summary = try ModelSummary(pack)
    return (summary.family, summary.nativeSize)
  }

  static func assumptions(_ pack: OpenedPack) throws -> [String] { try pack.assumptions() }

  let request: Request
  let pack: OpenedPack
  let settings: DiffusionSettings
  let summary: ModelSummary
  let traits: PaintTraits
  /// Of the LoRAs.
  let extraBytes: Int
  /// Where memory counts, the text encoder; but what adds a LoRA to it holds on to it.
  let released: [any PackModel.Type]

  var note: String? { settings.note }

  /// Read when the first job needs them.
  var loras: [(lora: LoRA, scale: Float)]?

  init(_ request: Request, _ pack: OpenedPack) throws {
    guard let task = DiffusionTask(request.operation) else {
      throw InpaintingError("no model paints this; it is made of other operations by the host")
    }
    self.request = request
    self.pack = pack
    settings = try DiffusionSettings(request, task, pack)
    // Before configurations: a part without weights is what to hear of where its configuration is missing too.
    try Self.checkParts(settings, of: pack, task, request)
    try Self.checkClipSkip(request.clipSkip, pack)
    summary = try ModelSummary(pack, takesTiny: settings.takesTinyAutoencoder)
    guard summary.seesMask || !settings.paintsChange else {
      throw CheckpointError(
        "\(pack.path): its UNet does not see the picture; harmonizing takes an inpainting model, of 9 input channels")
    }
    extraBytes = try settings.loras.reduce(0) { try $0 + LoRA.byteCountWhileAdded($1.path) }
    let savesMemory = try MemoryPlan.savesMemory() || request.precision == .int8
    released = savesMemory && settings.loras.isEmpty ? [PromptEncoder.self] : []
    var traits = PaintTraits(nativeSize: summary.nativeSize)
    traits.kind = settings.paintsChange ? .change : .fill
    (traits.matchesColor, traits.detail) = (settings.matchesColor, settings.detail)
    self.traits = traits
  }

  func paint(
    _ job: PaintJob, _ models: LoadedModels, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    let (width, height) = (job.picture.width, job.picture.height)
    let padded = Rectangle(x: 0, y: 0, width: summary.padded(width), height: summary.padded(height))
    func tensor(_ picture: Picture) -> Tensor {
      Tensor([1, padded.height, padded.width, picture.channels], picture.cropped(padded).values, in: workspace)
    }
    let image = Tensor(
      [1, padded.height, padded.width, 3], job.picture.cropped(padded).values.map { $0 * 2 - 1 }, in: workspace)
    let mask = tensor(job.hole)
    progress(Progress(fraction: 0, stage: "Reading the prompt"))
    let pipeline = try pipeline(models, image, unknown: { tensor(job.unknown) })
    let decoded = try withLoRA(models) {
      let conditioning = try conditioning(models, image, mask: mask)
      released.forEach(models.release)  // room for the steps' tensors
      let sampling = sampling(job)
      guard !settings.paintsChange else {
        return try pipeline.harmonize(image, mask: mask, conditioning, sampling, progress: progress)
      }
      return try pipeline.fill(
        image, mask: mask, strengths: job.strengths.map(tensor), conditioning, sampling, previews: previews(models),
        progress: progress)
    }
    let offset: Float = settings.paintsChange ? 0 : 0.5
    let result = Picture(
      width: padded.width, height: padded.height, channels: 3, values: decoded.array.map { $0 / 2 + offset })
    return result.cropped(Rectangle(x: 0, y: 0, width: width, height: height))
  }

  /// The tiny decoder's where there is one.
  private func previews(_ models: LoadedModels) throws -> Previews {
    guard request.wantsPreviews else { return .none }
    if pack.has(AutoencoderTiny.part) { return .decoded(try models(AutoencoderTiny.self)) }
    return try PackAutoencoder.isTiny(pack) ? .decoded(models(PackAutoencoder.self).codec) : .cells
  }

  private func sampling(_ job: PaintJob) -> SamplingSettings {
    var sampling = SamplingSettings()
    sampling.steps = settings.steps
    sampling.sampler = settings.sampler
    sampling.eta = settings.eta
    sampling.spacing = settings.spacing
    sampling.jumpLength = request.jumpLength
    sampling.jumpSamples = request.jumpSamples
    sampling.strength = min(job.strength, request.strength)
    if job.strength < request.strength {
      // The job's share of few steps would be none.
      sampling.steps = max(settings.steps, Int(min(1 / job.strength, 150).rounded(.up)))
    }
    sampling.cacheInterval = request.cacheInterval
    sampling.seed = job.seed
    return sampling
  }

  /// The pipeline for `image`.  unknown: what a harmonizing decoder is not to take for known.
  private func pipeline(
    _ models: LoadedModels, _ image: Tensor, unknown: () -> Tensor
  ) throws -> StableDiffusionInpainter {
    let pipeline = try Self.pipeline(models, takesTiny: settings.takesTinyAutoencoder)
    guard settings.takesHarmonizingDecoder else { return pipeline }
    return try pipeline.with(
      HarmonizingCodec(pipeline.codec, models(HarmonizingDecoder.self), image: image, mask: unknown()))
  }

  func check(_ models: LoadedModels, in workspace: Workspace) throws {
    _ = try Self.pipeline(models, takesTiny: settings.takesTinyAutoencoder)
    try withLoRA(models) {
      if case .learned = settings.source { _ = try context(settings.source, models, in: workspace) }
    }
  }
}
