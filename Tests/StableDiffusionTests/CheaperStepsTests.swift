// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Diffusion
import Properties
import Testing
import TestSupport

import Layers
@testable import Numerics
@testable import StableDiffusion

/// Steps that take less than all of the UNet, or than both passes of guidance.
@Suite struct CheaperStepsTests {
  private static let packs = ["tiny-sd15", "tiny-sd2"]

  private func input(_ unet: UNet2DConditionModel, _ images: Int, in workspace: Workspace) -> (x: Tensor, contexts: [Tensor]) {
    var generator = TorchGenerator(seed: 5)
    let x = generator.normal([images, 9, 12, unet.configuration.inChannels], in: workspace)
    let contexts = (0..<images).map {
      let (length, width) = (7 + $0, unet.configuration.crossAttentionWidth)
      return generator.normal([1, 1, length, width], in: workspace).reshaped([1, length, width])
    }
    return (x, contexts)
  }

  /// The finest layers make the same of what the others have made, when the input is the same.
  @Test(arguments: packs) func coarseFeaturesOfTheSameInputGiveTheSame(_ pack: String) throws {
    let workspace = Workspace()
    let unet = try UNet2DConditionModel(OpenedPack.open(fixtures + "/packs/" + pack))
    let (x, contexts) = input(unet, 2, in: workspace)
    let prepared = unet.prepare(contexts)
    var deep: Tensor?
    let whole = try unet(x, timestep: 500, prepared, deep: &deep).array
    #expect(deep?.shape == [2, 9, 12, unet.configuration.blockOutChannels[0]])
    let again = try unet(x, timestep: 500, prepared, deep: &deep).array
    #expect(whole == again)
    let other = try unet(x, timestep: 400, prepared, deep: &deep).array
    #expect(other != whole && other.allSatisfy(\.isFinite))
  }

  /// From two pictures to one nothing is taken over; nor back to more noise.
  @Test func whatIsKeptIsOfTheSamePicturesAndOfMoreNoise() throws {
    let workspace = Workspace()
    let unet = try UNet2DConditionModel(OpenedPack.open(fixtures + "/packs/tiny-sd15"))
    let (both, contexts) = input(unet, 2, in: workspace)
    let x = both[image: 0]
    let conditioning = Conditioning(contexts[1], guidance: (contexts[0], 3), guidedPart: 0..<0.5)
    func outputs(_ cacheInterval: Int, _ calls: [(timestep: Float, progress: Double)]) throws -> [[Float]] {
      var guided = GuidedUNet(unet, conditioning, cacheInterval: cacheInterval)
      return try calls.map { try guided(x, timestep: $0.timestep, at: $0.progress).array }
    }
    for (calls, kept) in [
      ([(900, 0), (700, 0.2)], true), ([(700, 0.2), (900, 0)], false), ([(500, 0.4), (400, 0.6)], false),
      ([(400, 0.6), (300, 0.7)], true),
    ] as [([(timestep: Float, progress: Double)], Bool)] {
      let (whole, cached) = (try outputs(1, calls), try outputs(2, calls))
      #expect(whole[0] == cached[0] && (whole[1] != cached[1]) == kept, "\(calls)")
    }
    let calls: [(timestep: Float, progress: Double)] = [(900, 0), (800, 0.1), (700, 0.2), (600, 0.3)]
    let (whole, cached) = (try outputs(1, calls), try outputs(3, calls))
    #expect(zip(whole, cached).map(==) == [true, false, false, true])
  }

  @Test func guidanceEndsWhereItIsToldTo() throws {
    let workspace = Workspace()
    let unet = try UNet2DConditionModel(OpenedPack.open(fixtures + "/packs/tiny-sd15"))
    let (both, contexts) = input(unet, 2, in: workspace)
    let x = both[image: 0]
    func output(_ conditioning: Conditioning, at progress: Double) throws -> [Float] {
      var guided = GuidedUNet(unet, conditioning)
      return try guided(x, timestep: 500, at: progress).array
    }
    let part = Conditioning(contexts[1], guidance: (contexts[0], 3), guidedPart: 0.25..<0.5)
    let (with, without) = (Conditioning(contexts[1], guidance: (contexts[0], 3)), Conditioning(contexts[1]))
    for progress in [0, 0.2, 0.25, 0.4, 0.5, 0.9] {
      let expected = try output((0.25..<0.5).contains(progress) ? with : without, at: progress)
      #expect(try output(part, at: progress) == expected, "at \(progress)")
    }
  }

  /// RePaint's jumps go back; two calls of Heun's are one step each.
  @Test func progressIsTheShareOfTheStepsThatIsBehind() throws {
    var settings = SamplingSettings()
    settings.steps = 4
    #expect(try DenoisingLoop(.stableDiffusion, settings).progress == [0, 0.25, 0.5, 0.75])
    settings.strength = 0.5
    #expect(try DenoisingLoop(.stableDiffusion, settings).progress == [0, 0.5])
    (settings.strength, settings.sampler, settings.jumpLength, settings.jumpSamples) = (1, .repaint, 2, 2)
    let progress = try DenoisingLoop(.stableDiffusion, settings).progress
    #expect(progress.count > 4 && Set(progress) == [0, 0.25, 0.5, 0.75] && progress != progress.sorted())
  }
}
