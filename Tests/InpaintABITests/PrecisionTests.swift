// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import CKernelsWide
import Checkpoints
import Foundation
import Imaging
import Numerics
import Properties
import TestSupport
import Testing

@testable import Engine
@testable import InpaintABI

/// Pictures in 16-bit floats beside those in float32, in what does the same as the instructions for them.
@Suite struct PrecisionTests {
  private static let side = 192

  /// A sunset over fields, as far as formulas make one.
  private static func colors(_ area: Int, width: Int) -> [Float] {
    var colors: [Float] = []
    for index in 0..<area {
      let y = Float(index / width) / Float(side)
      let x = Float(index % width) / Float(side)
      let wave: Float = sin(60 * x + 9 * sin(40 * y))
      let texture = wave * (y > 0.5 ? 0.08 : 0.016)
      colors += y > 0.5 ? [0.3 + texture, 0.5 + texture, 0.2] : [0.9, 0.4 + y + texture, 0.6 - 0.8 * y]
    }
    return colors
  }

  private func fill(_ arithmetic: Arithmetic) throws -> Fill {
    var request = Request(.sdInpaint)
    (request.model, request.prompt) = (fixtures + "/../../plugin-manifest/models/mini", "a meadow under the sky")
    (request.steps, request.guidance, request.seed, request.detail) = (20, 3, 5, .model)
    let hole = Self.side / 3..<2 * Self.side / 3
    let mask = (0..<Self.side * Self.side).map { index -> Float in
      hole.contains(index / Self.side) && hole.contains(index % Self.side) ? 1 : 0
    }
    let plan = try Plan(request, mask: mask, width: Self.side, height: Self.side) {
      try Session($0, OpenedPack.open($0.model), cache: ModelCache(), arithmetic: arithmetic)
    }
    let seen = plan.passes[0].seen
    return try plan.run(pass: 0, Self.colors(seen.area, width: seen.width), in: Workspace()) { _ in }
  }

  @Test func guidedPicturesOfTwentyStepsAreThoseOfFloat32() throws {
    let exact = try fill(.float32)
    for table in [cproduct_wide_amx_bf16_on_avx2(), cproduct_wide_fp16_on_avx2()] {
      guard let table else { continue }
      let arithmetic = Arithmetic(table, CPRODUCT_HALVES)
      let painted = try fill(arithmetic).picture.values
      let errors = painted.indices.filter { exact.weight.values[$0 / 3] > 0 }.map { index -> Double in
        let error = Double(painted[index] - exact.picture.values[index])
        return error * error
      }
      let psnr = -10 * log10(errors.reduce(0, +) / Double(errors.count))
      print("twenty guided steps in \(arithmetic.name): \(psnr) dB from float32")
      #expect(psnr > 38 && psnr < 200, "\(arithmetic.name): \(psnr) dB")
    }
  }
}
