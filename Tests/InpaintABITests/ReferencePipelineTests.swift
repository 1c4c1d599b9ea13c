// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Engine
import Properties
import Testing
import TestSupport

@testable import InpaintABI
@testable import Numerics

/// The pipeline against diffusers'.
@Suite struct ReferencePipelineTests {
  private let folder = TemporaryFolder()

  static let references: [String] = {
    let text = String(decoding: fileBytes("pipeline/runs.json"), as: UTF8.self)
    return ((try? JSON(parsing: text, source: "runs.json"))?.object ?? [:]).keys.sorted()
  }()

  /// The pack at `path`, or one of its parts whose UNet's output is taken for another `prediction`.
  private func pack(_ path: String, _ prediction: String?) throws -> String {
    guard let prediction, prediction != "epsilon" else { return path }
    for part in ["unet", "vae", "text_encoder", "tokenizer"] { folder.link(path + "/" + part, part) }
    folder.write(
      """
      {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
       "prediction_type": "\(prediction)"}
      """, "scheduler/scheduler_config.json")
    return folder.path
  }

  /// Nothing is resampled, nothing blended: what the model decodes is the output.
  @Test(arguments: references) func theExactModeIsTheReferencePipeline(_ name: String) throws {
    let text = String(decoding: fileBytes("pipeline/runs.json"), as: UTF8.self)
    let settings = try #require(try JSON(parsing: text, source: "runs.json")[name])
    let (workspace, reference) = (Workspace(), try Fixture("pipeline/runs.safetensors"))
    let size = try #require(settings["size"]?.string)
    let input = try reference.tensor("input/" + size, in: workspace)
    let request = try TinyRun.request {
      $0.model = try pack(fixtures + "/" + #require(settings["pack"]?.string), settings["prediction_type"]?.string)
      $0.operation = settings["operation"]?.string.flatMap(Operation.init) ?? $0.operation
      $0.prompt = settings["prompt"]?.string ?? ""
      $0.negativePrompt = settings["negative_prompt"]?.string ?? ""
      $0.taskPrompt = settings["task_prompt"]?.string.map { fixtures + "/" + $0 } ?? ""
      $0.lora = settings["lora"]?.string.map { fixtures + "/" + $0 } ?? ""
      $0.steps = try #require(settings["steps"]?.int)
      $0.sampler = settings["sampler"]?.string.flatMap(SamplerKind.init) ?? $0.sampler
      $0.jumpLength = settings["jump_length"]?.int ?? $0.jumpLength
      $0.jumpSamples = settings["jump_samples"]?.int ?? $0.jumpSamples
      $0.eta = settings["eta"]?.double ?? $0.eta
      $0.spacing = settings["spacing"]?.string.flatMap(Spacing.init) ?? $0.spacing
      $0.guidance = try #require(settings["guidance"]?.double)
      $0.strength = try #require(settings["strength"]?.double)
      $0.seed = UInt64(try #require(settings["seed"]?.int))
      ($0.crop, $0.preserve, $0.feather, $0.decoder, $0.detail) = (.whole, false, 0, .plain, .model)
    }
    let mask = try reference.tensor("mask/" + size, in: workspace)
    let job = try Plan(request, mask: mask.pointer, width: input.dim(1), height: input.dim(0))
    let output = try job.run(pass: 0, input.pointer, in: workspace) { _ in }.picture.values
    let expected = try reference.tensor(name, in: workspace).array
    let largest = zip(output, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(largest <= 1 / 255, "largest difference \(largest * 255) / 255")
  }
}
