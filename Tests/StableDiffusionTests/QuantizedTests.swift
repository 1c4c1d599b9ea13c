// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import Testing
import TestSupport

@testable import StableDiffusion

/// The UNet in int8 beside itself in float32.
@Suite struct QuantizedTests {
  private let workspace = Workspace()
  private static let mini = fixtures + "/../../plugin-manifest/models/mini"

  private func pass(_ unet: UNet2DConditionModel) throws -> [Float] {
    let channels = unet.configuration.inChannels, width = unet.configuration.crossAttentionWidth
    let x = Tensor([2, 32, 32, channels], seededValues(2 * 32 * 32 * channels, range: 1.7, seed: 2), in: workspace)
    let context = Tensor([1, 77, width], seededValues(77 * width, range: 1.7, seed: 3), in: workspace)
    return try unet(x, timestep: 501, unet.prepare([context, context])).array
  }

  /// What is met where rows have 16 bits: 0.005; where they have 8, on processors with VNNI: 0.010.
  @Test func aPassIsCloseToThatInFloat32() throws {
    let pack = try OpenedPack.open(Self.mini)
    let error = relativeDifference(
      try pass(UNet2DConditionModel(pack, .int8)), try pass(UNet2DConditionModel(pack, .float32)))
    print("a UNet pass in \(Arithmetic.int8.name) differs from float32 by \(error) relative RMS")
    #expect(error > 1e-4 && error < 0.03)
  }

  @Test func lowRankAdditionsCountAsMuch() throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    func change(_ arithmetic: Arithmetic) throws -> [Float] {
      let unet = try UNet2DConditionModel(pack, arithmetic)
      let models = try AdaptableModels(unet, PromptEncoder(pack))
      let lora = try models.lora(fixtures + "/lora/kohya.safetensors")
      return zip(try models.with([(lora, 1)]) { try pass(unet) }, try pass(unet)).map { $0 - $1 }
    }
    let error = try relativeDifference(change(.int8), change(.float32))
    #expect(error < 0.2, "\(error)")
  }
}
