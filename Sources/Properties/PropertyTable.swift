// SPDX-License-Identifier: LGPL-3.0-or-later
/// All properties: the one place of their names, ranges, defaults and texts.
///
/// The operations' C files state them once more in GEGL's words, as GEGL wants it; a test compares the two.  Lengths are
/// pixels of the picture.
package struct PropertyTable: Sendable {
  package static let shared = PropertyTable()

  // MARK: What to paint

  package let prompt = Property<String>(
    "prompt", on: .prompted, "What to paint in the hole; may be empty",
    [.outpaint: "What to paint beyond the borders; may be empty"])
  package let negativePrompt = Property<String>(
    "negative-prompt", on: .prompted, "What not to paint; used with a guidance above 1")
  package let clipSkip = Property<Int>(
    "clip-skip", 0...11, default: 0, on: .prompted,
    "How many of the text encoder's last layers are left out; 1 is what other programs call clip skip 2")
  package let priorStrength = Property<Double>(
    "prior-strength", 0...1, default: 1, on: [.asukaInpaint],
    "How much of the fill follows the surroundings: 1 is ASUKA, 0 the model with an empty prompt")
  package let strength = Property<Double>(
    "strength", 0...1, default: 1, [.seeleHarmonize: 0.6], on: .painted.filter { ![.outpaint, .lamaInpaint].contains($0) },
    "How far the hole may move away from what is there now; 1 ignores it",
    [.seeleHarmonize: "The most noise under which the model is asked what to change, as a share of all; 0 changes nothing"])

  package let maskStrength = Property<MaskStrength>(
    "mask-strength", default: .binary, on: [.sdInpaint, .asukaInpaint, .seeleRemove, .seeleComplete],
    "What grey in the mask means: binary repaints what is half white or more, soft repaints each part as far as it is white; "
      + "soft takes many steps")

  // MARK: Where

  package let left = Property<Int>("left", 0...8192, default: 0, on: [.outpaint], "Pixels to add on the left")
  package let right = Property<Int>("right", 0...8192, default: 0, on: [.outpaint], "Pixels to add on the right")
  package let top = Property<Int>("top", 0...8192, default: 0, on: [.outpaint], "Pixels to add at the top")
  package let bottom = Property<Int>("bottom", 0...8192, default: 0, on: [.outpaint], "Pixels to add at the bottom")
  package let overlap = Property<Int>(
    "overlap", 0...256, default: 16, on: [.outpaint],
    "Pixels along the old border that may change, to blend old and new")
  package let x = Property<Int>(
    "x", -65536...65536, default: 0, on: [.seeleReposition], "Pixels by which the subject moves to the right")
  package let y = Property<Int>("y", -65536...65536, default: 0, on: [.seeleReposition], "Pixels by which the subject moves down")
  package let scale = Property<Double>(
    "scale", 0.01...100, default: 1, on: [.seeleReposition],
    "How many times as large the subject becomes, about its center")
  package let harmonize = Property<Bool>(
    "harmonize", default: false, on: [.seeleReposition],
    "Make the moved subject fit its new surroundings; takes a model with the LoRA for it")
  package let grow = Property<Int>(
    "grow", 0...256, default: 0, [.seeleRemove: 5, .seeleReposition: 5, .lamaInpaint: 5, .seeleComplete: 2], on: .masked,
    "Repaint this many pixels around the mask too")
  package let feather = Property<Double>("feather", 0...256, default: 4, on: .masked, "Width of the blend around the mask")
  package let context = Property<Double>(
    "context", 0...8, default: 0.5, on: .masked,
    "How much around the mask the model sees, as a share of the mask's longer side")
  package let crop = Property<Crop>(
    "crop", default: .auto, on: .all, "What the model looks at: the mask and its surroundings, or the whole image")
  package let workingSize = Property<Int>(
    "working-size", 0...8192, default: 0, on: .all,
    "Longer side of what the model sees, in pixels; 0 is the size it was trained on, of a whole picture its own",
    [.lamaInpaint: "Longer side of what the model sees, in pixels; 0 is its own, but of a part of a picture at most 2048"])

  // MARK: How

  package let method = Property<RemovalMethod>(
    "method", default: .auto, on: [.seeleRemove, .seeleReposition],
    "What paints the background: SEELE, or LaMa, in one pass and without a seed; "
      + "automatic is LaMa where one is found and the model has no learned prompt for removing")
  package let steps = Property<Int>(
    "steps", 0...150, default: 0, on: .sampled,
    "Denoising steps: each takes as long, and gains less than the one before; 0 is what the LoRA or the model takes, else 20")
  package let sampler = Property<SamplerChoice>(
    "sampler", default: .auto, on: .sampled,
    "How the steps are taken; automatic is what the LoRA or the model takes, else DPM-Solver++ 2M")
  package let jumpLength = Property<Int>(
    "jump-length", 1...150, default: 10, on: .sampled,
    "Of the sampler RePaint: how many steps it goes back at once; from the number of steps on it never does")
  package let jumpSamples = Property<Int>(
    "jump-samples", 1...100, default: 10, on: .sampled,
    "Of the sampler RePaint: how often it takes the steps of each jump; ten times take nearly ten times as long")
  package let eta = Property<Double>(
    "eta", -1...1, default: -1, on: .sampled,
    "Of the samplers DDIM, TCD and RePaint: how much noise each step adds, 0 to 1; below 0 is the sampler's own")
  package let spacing = Property<Spacing>(
    "spacing", default: .auto, on: .sampled,
    "How the steps are spaced over the model's schedule; automatic is as the model says; "
      + "LCM, TCD and RePaint have a way of their own")
  package let guidance = Property<Double>(
    "guidance", 0...30, default: 0, on: .sampled,
    "How strictly the prompt is followed; 0 is what the LoRA or the model takes, 1 takes half the time")
  package let guidanceFrom = Property<Double>(
    "guidance-from", 0...1, default: 0, on: .stepped,
    "The share of the steps after which guidance begins; those before take half the time")
  package let guidanceTo = Property<Double>(
    "guidance-to", 0...1, default: 1, on: .stepped,
    "The share of the steps after which guidance ends; those behind take half the time")
  package let cacheInterval = Property<Int>(
    "cache-interval", 1...5, default: 1, on: .stepped,
    "Every how many steps all of the model runs: between them what it made of coarse shapes stays, which takes a third of the time")
  package let seed = Property<UInt64>(seed: "seed", on: .sampled, "The same seed gives the same picture")
  package let autoencoder = Property<AutoencoderChoice>(
    "autoencoder", default: .auto, on: .sampled,
    "Which autoencoder goes between pictures and the model: its own, or a tiny one beside it, eight times as fast and less sharp")
  package let decoder = Property<DecoderChoice>(
    "decoder", default: .auto, on: .sampled,
    "Which decoder paints: the model's own, or one that sees the known pixels and meets their colors")
  package let detail = Property<DetailChoice>(
    "detail", default: .auto, on: .all,
    "Where the fill's fine detail comes from: the model, the known pixels around it, or the model once more at full size")
  package let loraScale = Property<Double>(
    "lora-scale", -10...10, default: 1, on: .sampled, "How strongly the LoRA counts; 0 is the model without it")
  package let precision = Property<Precision>(
    "precision", default: .auto, on: .sampled,
    "Arithmetic: automatic is the processor's fastest, 16-bit floats where it multiplies them, else float32; int8 keeps the "
      + "model's weights in 8 bits, which takes half the memory and changes the picture a little")

  // MARK: What is kept

  package let preserve = Property<Bool>(
    "preserve", default: true, on: .painted, "Keep the pixels outside the mask exactly as they are")
  package let colorMatch = Property<ColorMatchChoice>(
    "color-match", default: .auto, on: .painted,
    "Match the fill's colors to the known pixels around it; automatic where no prompt asks for others",
    [.lamaInpaint: "Match the fill's colors to the known pixels around it; automatic does not, since LaMa's mostly match"])

  // MARK: Files

  package let model = Property<String>(
    file: "model", on: .all,
    "A Stable Diffusion inpainting model: its model_index.json, or one .safetensors file; empty takes the installed one",
    [
      .asukaInpaint: inpaintingModel(with: "ASUKA's parts"),
      .seeleRemove: inpaintingModel(with: "SEELE's learned prompts"),
      .seeleComplete: inpaintingModel(with: "SEELE's learned prompts"),
      .seeleReposition: inpaintingModel(with: "SEELE's learned prompts"),
      .seeleHarmonize: inpaintingModel(with: "SEELE's harmonizing prompt and LoRA"),
      .lamaInpaint: "A LaMa: best.ckpt, TorchScript, or a .safetensors file; empty takes the installed one",
    ])
  package let lora = Property<String>(
    file: "lora", on: .sampled, "A file with low-rank changes to the model, made for a style or a subject")
  package let taskPrompt = Property<String>(
    file: "task-prompt", on: .painted.filter { $0 != .lamaInpaint }, "A file with a learned prompt, used instead of text")
  package let promptFile = Property<String>(
    file: "prompt-file", on: .prompted, "A text file with the prompt, instead of the prompt above")
  package let completeMask = Property<String>(
    file: "complete-mask", on: [.seeleReposition],
    "A picture over the image, white where the moved subject lacks a part; empty completes nothing")

  private static func inpaintingModel(with parts: String) -> String {
    "A Stable Diffusion inpainting model with \(parts): its model_index.json; empty takes the installed one"
  }

  /// In the order in which they stand above.
  package static let all: [any AnyProperty] = Mirror(reflecting: shared).children.compactMap { $0.value as? any AnyProperty }

  /// Those of an operation.
  package static func properties(of operation: Operation) -> [any AnyProperty] {
    all.filter { $0.operations.contains(operation) }
  }
}
