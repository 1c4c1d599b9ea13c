// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Diffusion
import Properties
import Testing
import TestSupport

import Layers
@testable import Numerics
@testable import StableDiffusion

/// Whole runs against diffusers' StableDiffusionInpaintPipeline, on the tiny packs and the mini pack.
@Suite struct PipelineTests {
  static let runs: [String: JSON] = {
    let text = String(decoding: fileBytes("pipeline/runs.json"), as: UTF8.self)
    let all = (try? JSON(parsing: text, source: "runs.json"))?.object ?? [:]
    return all.filter { $0.value["operation"] == nil }  // others: theExactModeIsTheReferencePipeline
  }()

  private func inpainter(_ pack: OpenedPack) throws -> StableDiffusionInpainter {
    try StableDiffusionInpainter(UNet2DConditionModel(pack), AutoencoderKL(pack), SchedulerConfiguration(pack))
  }

  @Test func thereAreRuns() { #expect(Self.runs.count == 43) }

  @Test(arguments: runs.keys.sorted()) func picturesAreDiffusers(_ name: String) throws {
    let run = try #require(Self.runs[name])
    let workspace = Workspace()
    let reference = try Fixture("pipeline/runs.safetensors")
    let size = try #require(run["size"]?.string)
    let input = try reference.tensor("input/" + size, in: workspace)
    let mask = try reference.tensor("mask/" + size, in: workspace)
    for index in 0..<input.count { input.pointer[index] = input.pointer[index] * 2 - 1 }

    var settings = SamplingSettings()
    settings.steps = try #require(run["steps"]?.int)
    settings.sampler = try #require(SamplerKind(rawValue: run["sampler"]!.string!))
    settings.jumpLength = run["jump_length"]?.int ?? settings.jumpLength
    settings.jumpSamples = run["jump_samples"]?.int ?? settings.jumpSamples
    settings.eta = run["eta"]?.double
    settings.spacing = run["spacing"]?.string.flatMap(Spacing.init) ?? settings.spacing
    settings.strength = try #require(run["strength"]?.double)
    settings.seed = UInt64(try #require(run["seed"]?.int))
    let pack = try OpenedPack.open(fixtures + "/" + run["pack"]!.string!)
    let encode = try PromptEncoder(pack)
    let scale = try #require(run["guidance"]?.double)
    let negative = try encode(#require(run["negative_prompt"]?.string), in: workspace)
    let conditioning = Conditioning(
      try encode(#require(run["prompt"]?.string), in: workspace), guidance: scale > 1 ? (negative, scale) : nil)
    let model = try inpainter(pack)
    var fractions: [Double] = []
    let result = try model.fill(
      input.reshaped([1] + input.shape), mask: mask.reshaped([1] + mask.shape), conditioning, settings
    ) { fractions.append($0.fraction) }

    let expected = try reference.tensor(name, in: workspace).array
    let pixels = result.array.map { min(max($0 / 2 + 0.5, 0), 1) }
    let largest = zip(pixels, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(largest <= 1 / 255, "largest difference \(largest * 255) / 255")
    #expect(fractions == fractions.sorted() && fractions.first == 0 && fractions.allSatisfy { $0 < 1 })
  }

  @Test(arguments: [SamplerKind.dpmpp2M, .repaint])
  func theStepLoopAllocatesInItsFirstTurnOnly(_ sampler: SamplerKind) throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    let model = try inpainter(pack)
    let workspace = Workspace()
    let context = try PromptEncoder(pack)("", in: workspace)
    let image = Tensor([1, 256, 256, 3], repeating: 0, in: workspace)
    let mask = Tensor([1, 256, 256, 1], repeating: 1, in: workspace)
    var counts: [Int] = []
    var settings = SamplingSettings()
    (settings.sampler, settings.jumpLength) = (sampler, 20)
    _ = try model.fill(image, mask: mask, Conditioning(context, guidance: (context, 7.5)), settings) {
      if $0.stage.hasPrefix("Step") { counts.append(workspace.largeAllocations) }
    }
    #expect(counts.count == 20)
    #expect(counts[2] == counts[19], "large blocks before each step: \(counts)")
  }
}
