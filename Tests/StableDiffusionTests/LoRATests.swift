// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Diffusion
import Layers
import Numerics
import Testing
import TestSupport

@testable import StableDiffusion

/// The tiny packs' models with LoRAs against diffusers and peft: Tests/fixtures/lora.
@Suite struct LoRATests {
  let workspace = Workspace()

  func model(_ name: String) throws -> AdaptableModels {
    let pack = try OpenedPack.open(fixtures + "/packs/" + name)
    return try AdaptableModels(UNet2DConditionModel(pack), PromptEncoder(pack))
  }

  func lora(_ name: String, for model: AdaptableModels) throws -> LoRA {
    try model.lora(fixtures + "/lora/" + name + ".safetensors")
  }

  /// The text encoder's and the UNet's results for the inputs of make.py.
  func run(_ model: AdaptableModels, _ pack: String) throws -> (context: Tensor, output: Tensor) {
    let given = try Fixture("models/models.safetensors")
    let tokens = try given.tensor(pack + "/text_encoder/long/tokens", in: workspace).array.map { Int32($0) }
    let context = try model.text(tokens, in: workspace)
    let input = try given.tensor(pack + "/unet/wide/input", in: workspace)
    let timestep = try given.tensor(pack + "/unet/wide/timestep", in: workspace).array[0]
    return (context, try model.unet(input, timestep: timestep, model.unet.prepare([context])))
  }

  func check(_ result: (context: Tensor, output: Tensor), _ name: String) throws {
    let reference = try Fixture("lora/expected.safetensors")
    let expected = try (reference.tensor(name + "/context", in: workspace), reference.tensor(name + "/output", in: workspace))
    #expect(mismatch(result.context, expected.0, name + ", context") == nil)
    #expect(mismatch(result.output, expected.1, name + ", output") == nil)
  }

  @Test(arguments: [
    ("tiny-sd15", "kohya", 1), ("tiny-sd15", "numbered", 0.6), ("tiny-sd2", "peft", 1), ("tiny-sd2", "processors", 1),
    ("tiny-sd2", "injected", 0.8),
  ] as [(String, String, Float)]) func everyLayoutIsDiffusers(pack: String, layout: String, scale: Float) throws {
    let model = try model(pack)
    let lora = try lora(layout, for: model)
    let result = try model.with([(lora, scale)]) { try run(model, pack) }
    try check(result, pack + "/" + layout)
    // And away again, without loading anything.
    try check(run(model, pack), pack + "/none")
  }

  @Test func twoAtOnceAddUp() throws {
    let model = try model("tiny-sd2")
    let loras = try (lora("peft", for: model), lora("processors", for: model))
    let result = try model.with([(loras.0, 0.7), (loras.1, -0.4)]) { try run(model, "tiny-sd2") }
    try check(result, "tiny-sd2/two")
    try check(model.with([(loras.1, -0.4), (loras.0, 0.7)]) { try run(model, "tiny-sd2") }, "tiny-sd2/two")
  }

  @Test func aScaleOfZeroIsTheModelItselfBitForBit() throws {
    let model = try model("tiny-sd2")
    let lora = try lora("peft", for: model)
    let base = try run(model, "tiny-sd2")
    let zero = try model.with([(lora, 0)]) { try run(model, "tiny-sd2") }
    #expect(zero.output.array == base.output.array && zero.context.array == base.context.array)
    let one = try model.with([(lora, 1)]) { try run(model, "tiny-sd2") }
    #expect(relativeDifference(one.output.array, base.output.array) > 0.01)
    let after = try run(model, "tiny-sd2")
    #expect(after.output.array == base.output.array && after.context.array == base.context.array)
  }

  @Test func whatIsThrownTakesTheLoRAAway() throws {
    let model = try model("tiny-sd2")
    let lora = try lora("peft", for: model)
    #expect(throws: Cancelled.self) { try model.with([(lora, 1)]) { throw Cancelled() } }
    try check(run(model, "tiny-sd2"), "tiny-sd2/none")
  }

  @Test func aWholeRunHasTheLoRAInAllItsSteps() throws {
    let model = try model("tiny-sd15")
    let lora = try lora("kohya", for: model)
    let image = Tensor([1, 64, 64, 3], repeating: 0.2, in: workspace)
    let mask = Tensor([1, 64, 64, 1], repeating: 1, in: workspace)
    var settings = SamplingSettings()
    settings.steps = 3
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    let inpainter = try StableDiffusionInpainter(model.unet, AutoencoderKL(pack), SchedulerConfiguration(pack))
    func fill(_ progress: (Progress) -> Void = { _ in }) throws -> [Float] {
      let context = try model.text([Int32](repeating: 1, count: 77), in: workspace)
      return try inpainter.fill(image, mask: mask, Conditioning(context), settings, progress: progress).array
    }
    let base = try fill()
    #expect(try model.with([(lora, 1)]) { try fill() } != base)
    #expect(try model.with([(lora, 0)]) { try fill() } == base)
    var counts: [Int] = []
    _ = try model.with([(lora, 1)]) {
      settings.steps = 8
      return try fill { progress in
        if progress.stage.hasPrefix("Step") { counts.append(workspace.largeAllocations) }
      }
    }
    #expect(counts.count == 8 && counts[2] == counts[7], "large blocks before each step: \(counts)")
  }

  @Test func anotherModelsLoRAIsRefusedByName() throws {
    let model = try model("tiny-sd15")
    let error = #expect(throws: CheckpointError.self) { try lora("peft", for: model) }
    #expect(error?.message.contains("encoder.layers.2.self_attn") == true && error?.message.contains("made for another model") == true)
    let shapes = #expect(throws: CheckpointError.self) { try lora("injected", for: model) }
    #expect(shapes?.message.contains("has shapes") == true && shapes?.message.contains("made for another model") == true)
  }
}
