// SPDX-License-Identifier: LGPL-3.0-or-later
import ASUKA
import Checkpoints
import Properties
import StableDiffusion

/// What a request leaves open, decided: the request's own value, else what the pack recommends, else the task's.
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
  let steps: Int
  let takesTinyAutoencoder: Bool
  let takesHarmonizingDecoder: Bool
  let matchesColor: Bool
  let matchesDetail: Bool
  /// The result is a change of the picture.
  let paintsChange: Bool
  /// Files of LoRAs, which add up, and how strongly they count: the pack's for the task, then the request's.
  let loras: [(path: String, scale: Double)]
  /// What the user may want to know of the choice; nil where it is as expected.
  let note: String?

  private static let defaultSteps = 20

  /// Throws where the prompt file or what the pack recommends cannot be read.
  init(_ request: Request, _ task: DiffusionTask, _ pack: OpenedPack) throws {
    let recommended = try Recommendation(pack, for: request.operation)
    let prompt = try Self.prompt(request)
    source = try Self.source(request, prompt, task, pack)
    let isText = if case .text = source { true } else { false }
    let scale = request.guidance > 0 ? request.guidance : recommended.guidance ?? (isText ? task.guidance : 1)
    // Equal prompts have nothing to be told apart.
    guidance = scale > 1 && source != .text(request.negativePrompt) ? (request.negativePrompt, scale) : nil
    steps = request.steps > 0 ? request.steps : recommended.steps ?? Self.defaultSteps
    // The one in `vae` may be of that kind itself.
    takesTinyAutoencoder = try request.autoencoder == .tiny && !PackAutoencoder.isTiny(pack)
    takesHarmonizingDecoder = switch (request.decoder, recommended.decoder ?? .auto) {
    case (.harmonizing, _), (.auto, .harmonizing): true
    case (.plain, _), (.auto, .plain): false
    case (.auto, .auto) where request.autoencoder == .tiny: false
    case (.auto, .auto):
      switch task.decoder {
      case .plain: false
      case .harmonizing: true
      case .harmonizingWhereThere: pack.has(HarmonizingDecoder.part)
      }
    }
    let taskPaintsChange = task.changesWithLoRA != nil
    paintsChange = taskPaintsChange
    matchesDetail = !taskPaintsChange && recommended.matchesDetail(request)
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
    note = if case (.text(let text), .learned(let name, _)) = (source, task.context) {
      "no learned prompt \"\(name)\" in \(pack.path): the text \"\(text)\" takes its place, which keeps less to the "
        + "task; examples/training says how a prompt is learned"
    } else { nil }
  }

  /// A prompt file of at most 1 MB wins over the prompt.
  private static func prompt(_ request: Request) throws -> String {
    guard !request.promptFile.isEmpty else { return request.prompt }
    do { return try RegularFile.text(request.promptFile, limit: 1 << 20) } catch let error as CheckpointError {
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
