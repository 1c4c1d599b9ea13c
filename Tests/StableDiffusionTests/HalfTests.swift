// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import CKernelsWide
import Checkpoints
import Layers
import Numerics
import Testing
import TestSupport

@testable import StableDiffusion

/// Models in 16-bit floats beside themselves in float32: in this processor's instructions for them, or in what does the same
/// in others.
@Suite struct HalfTests {
  private let workspace = Workspace()
  private static let mini = fixtures + "/../../plugin-manifest/models/mini"

  private static let arithmetics: [Arithmetic] =
    [Arithmetic.float16, .bfloat16].compactMap { $0 }
    + [
      cproduct_wide_bf16_on_avx2(), cproduct_wide_fp16_on_avx2(), cproduct_wide_amx_bf16_on_avx2(),
      cproduct_wide_amx_fp16_on_avx2(),
    ].compactMap { $0.map { Arithmetic($0, CPRODUCT_HALVES) } }

  /// Relative RMS of a pass: float16 has 11 bits, bfloat16 8.
  private static func limit(_ arithmetic: Arithmetic) -> Double { arithmetic.name.hasPrefix("float16") ? 2e-3 : 1e-2 }

  private func check(_ what: String, _ pass: (Arithmetic) throws -> [Float]) throws {
    let exact = try pass(.float32)
    for arithmetic in Self.arithmetics {
      let error = relativeDifference(try pass(arithmetic), exact)
      print("\(what) in \(arithmetic.name) differs from float32 by \(error) relative RMS")
      #expect(error > 1e-6 && error < Self.limit(arithmetic), "\(arithmetic.name)")
    }
  }

  @Test func aPassOfTheUNet() throws {
    let pack = try OpenedPack.open(Self.mini)
    try check("a UNet pass") { arithmetic in
      let unet = try UNet2DConditionModel(pack, arithmetic)
      let channels = unet.configuration.inChannels, width = unet.configuration.crossAttentionWidth
      let x = Tensor([2, 32, 32, channels], seededValues(2 * 32 * 32 * channels, range: 1.7, seed: 2), in: workspace)
      let context = Tensor([1, 77, width], seededValues(77 * width, range: 1.7, seed: 3), in: workspace)
      return try unet(x, timestep: 501, unet.prepare([context, context])).array
    }
  }

  @Test func theAutoencoder() throws {
    let pack = try OpenedPack.open(Self.mini)
    let picture = Tensor([1, 128, 128, 3], seededValues(128 * 128 * 3, range: 1, seed: 4), in: workspace)
    try check("encoding") { try AutoencoderKL(pack, $0).encode(picture).array }
    let latents = Tensor([1, 16, 16, 4], seededValues(16 * 16 * 4, range: 1.7, seed: 5), in: workspace)
    try check("decoding") { try AutoencoderKL(pack, $0).decode(latents).array }
  }
}
