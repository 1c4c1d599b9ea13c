// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Imaging
import Properties
import StableDiffusion

/// What a request leaves open, decided: the request's own value, else what its LoRA was made for, else what the pack
/// recommends, else what the model was made for, else the task's.
struct DiffusionSettings {
  /// Where a context comes from.
  enum Source: Hashable {
    case text(String)
    /// A learned prompt's file.
    case learned(String)
    /// ASUKA's masked autoencoder.
    case prior
  }

  let source: Source
  /// The text to move away from, and how far, above 1; nil for one UNet pass a step.
  let guidance: (text: String, scale: Double)?
  /// In which part of the steps there is guidance.
  let guidedPart: Range<Double>
  /// The guidance that a latent consistency model is told; nil for other models.
  let embeddedGuidance: Double?
  let steps: Int
  let sampler: SamplerKind
  /// nil for the sampler's own.
  let eta: Double?
  let spacing: Spacing
  let takesTinyAutoencoder: Bool
  let takesHarmonizingDecoder: Bool
  let matchesColor: Bool
  let detail: DetailSource
  /// The result is a change of the picture.
  let paintsChange: Bool
  /// Files of LoRAs, which add up, and how strongly they count: the pack's for the task, then the request's.
  let loras: [(path: String, scale: Double)]
  /// What the user may want to know of the choice; nil where it is as expected.
  let note: String?

  /// Throws where the prompt file or what the pack or a LoRA recommends cannot be read.
  init(_ request: Request, _ task: DiffusionTask, _ pack: OpenedPack) throws {
    var (chosen, notes) = (Recommendation(request), [String]())
    for (recommended, reason) in try Self.recommendations(request, task, pack) {
      let taken = chosen.take(recommended)
      if let reason, taken != Recommendation() { notes.append("\(taken.text): \(reason)") }
    }
    steps = chosen.steps ?? 20
    sampler = chosen.sampler ?? .dpmpp2M
    eta = chosen.eta.flatMap { $0 < 0 ? nil : $0 }
    spacing = chosen.spacing ?? .auto
    let prompt = try Self.prompt(request)
    source = try Self.source(request, prompt, task, pack)
    let isText = if case .text = source { true } else { false }
    // A recommendation of 0 is none.
    let scale = chosen.guidance.flatMap { $0 > 0 ? $0 : nil } ?? (isText ? task.guidance : 1)
    embeddedGuidance = pack.hasConsistencyModel ? scale : nil
    // Equal prompts have nothing to be told apart.
    guidance = embeddedGuidance == nil && scale > 1 && source != .text(request.negativePrompt)
      ? (request.negativePrompt, scale) : nil
    guard guidance == nil || request.guidanceFrom < request.guidanceTo else {
      throw InpaintingError(
        "guidance-from is \(request.guidanceFrom) and guidance-to \(request.guidanceTo), between which is no step; "
          + "guidance=1 takes steps without guidance")
    }
    let guidedPart = request.guidanceFrom..<max(request.guidanceFrom, request.guidanceTo)
    self.guidedPart = guidedPart
    let count = steps
    if guidance != nil, !(0..<count).contains(where: { guidedPart.contains(Double($0) / Double(count)) }) {
      notes.append("none of the \(count) steps is guided: none lies between guidance-from and guidance-to")
    }
    // The one in `vae` may be of that kind itself.
    takesTinyAutoencoder = try request.autoencoder == .tiny && !PackAutoencoder.isTiny(pack)
    takesHarmonizingDecoder = switch chosen.decoder ?? .auto {
    case .harmonizing: true
    case .plain: false
    case .auto where request.autoencoder == .tiny: false
    case .auto:
      switch task.decoder {
      case .plain: false
      case .harmonizing: true
      case .harmonizingWhereThere: pack.has(HarmonizingDecoder.part)
      }
    }
    let taskPaintsChange = task.changesWithLoRA != nil
    paintsChange = taskPaintsChange
    let isSoft = request.maskStrength == .soft
    // Patches of what lies around would cover what is half kept.
    detail = switch isSoft ? request.detail : chosen.detail ?? .auto {
    case _ where taskPaintsChange: .model
    case .auto, .model: .model
    case .surroundings: .surroundings
    case .refine: .refined
    }
    let hasPrompt = !prompt.allSatisfy(\.isWhitespace) || !request.taskPrompt.isEmpty
    matchesColor = switch (request.colorMatch, task.colorMatching) {
    case (.always, _), (.auto, .always): true
    case (.never, _), (.auto, .never): false
    case (.auto, .withoutPrompt): !hasPrompt
    }
    var loras: [(path: String, scale: Double)] = []
    if let name = task.changesWithLoRA, let own = try pack.lora(name) {
      loras.append((own, 1))  // the scale that it was trained at
    }
    if !request.lora.isEmpty { loras.append((request.lora, request.loraScale)) }
    self.loras = loras
    notes += try Self.promptNotes(prompt, request, pack)
    if isSoft, steps < Self.fewestSoftSteps {
      notes.append(
        "mask-strength=soft knows as many strengths as there are steps, here \(steps); steps=20 gives it more")
    }
    if case (.text(let text), .learned(let name, _)) = (source, task.context) {
      notes.append(
        "no learned prompt \"\(name)\" in \(pack.path): the text \"\(text)\" takes its place, which keeps less to the "
          + "task; examples/training says how a prompt is learned")
    }
    note = notes.isEmpty ? nil : notes.joined(separator: "; ")
  }

  private static let fewestSoftSteps = 5

  /// What of its prompts a request may expect to be read otherwise.
  private static func promptNotes(_ prompt: String, _ request: Request, _ pack: OpenedPack) throws -> [String] {
    let texts = [("prompt", prompt), ("negative-prompt", request.negativePrompt)].filter { !$0.1.isEmpty }
    var notes = pack.has(PromptEncoder.part)
      ? try texts.compactMap { name, text in try PromptEncoder.note(on: text, pack).map { "\(name): \($0)" } } : []
    if texts.contains(where: { $0.1.contains(#/\([^()]+:[0-9.]+\)|<lora:|\bBREAK\b/#) }) {
      notes.append("weights like (word:1.3), <lora:...> and BREAK are read as letters; the property lora takes a LoRA")
    }
    return notes
  }

  /// First to last, with what the user is to know of their reasons.
  private static func recommendations(
    _ request: Request, _ task: DiffusionTask, _ pack: OpenedPack
  ) throws -> [(Recommendation, reason: String?)] {
    let takesSteps = task.changesWithLoRA == nil  // to noise and back; others ask once for each level of noise
    var recommendations: [(Recommendation, reason: String?)] = []
    if !request.lora.isEmpty, request.loraScale != 0 {
      recommendations.append(try Recommendation.beside(request.lora, for: request.operation))
      if takesSteps, let named = Recommendation.named(request.lora) { recommendations.append(named) }
    }
    recommendations.append((try Recommendation(pack, for: request.operation), nil))
    if pack.hasConsistencyModel {
      var own = Recommendation()
      own.guidance = 8.5
      if takesSteps { (own.steps, own.sampler) = (4, .lcm) }
      recommendations.append((own, "the model is a latent consistency model"))
    }
    return recommendations
  }

  /// A prompt file wins over the prompt.
  private static func prompt(_ request: Request) throws -> String {
    guard !request.promptFile.isEmpty else { return request.prompt }
    do { return try RegularFile.prompt(request.promptFile) } catch let error as CheckpointError {
      throw InpaintingError("prompt-file: \(error.message)")
    }
  }

  private static func source(
    _ request: Request, _ prompt: String, _ task: DiffusionTask, _ pack: OpenedPack
  ) throws -> Source {
    if !request.taskPrompt.isEmpty { return .learned(request.taskPrompt) }
    switch task.context {
    case .prior: return .prior
    case .learned(let name, let text): return try pack.taskPrompt(name).map(Source.learned) ?? .text(text)
    case .text(let name?) where prompt.isEmpty: return try pack.taskPrompt(name).map(Source.learned) ?? .text(prompt)
    case .text: return .text(prompt)
    }
  }
}
