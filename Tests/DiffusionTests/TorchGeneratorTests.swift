// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Diffusion
@testable import Numerics

/// Noise against PyTorch's.
@Suite struct TorchGeneratorTests {
  @Test(arguments: [0, 1, 42, 1 << 32 - 1, 1 << 32 + 5, 1 << 63] as [UInt64], [1, 5, 15, 16, 17, 31, 700])
  func noiseIsTorchs(seed: UInt64, count: Int) throws {
    let expected = try Fixture("samplers/noise.safetensors").tensor("\(seed)/\(count)", in: Workspace()).array
    var generator = TorchGenerator(seed: seed)
    let drawn = generator.normal(count)
    #expect(zip(drawn, expected).allSatisfy { abs($0 - $1) <= 2e-6 }, "\(drawn.prefix(4)) \(expected.prefix(4))")
  }

  @Test(arguments: [0, 1, 42, 1 << 32 - 1, 1 << 32 + 5, 1 << 63] as [UInt64])
  func longDrawsAreTorchs(seed: UInt64) throws {
    let expected = try Fixture("samplers/noise.safetensors").tensor("\(seed)/16387", in: Workspace()).array
    var generator = TorchGenerator(seed: seed)
    let drawn = generator.normal(16387)
    for (index, value) in expected.enumerated() {
      #expect(abs(drawn[index * 97] - value) <= 2e-6, "number \(index * 97)")
    }
  }

  @Test(arguments: [0, 42, 1 << 63] as [UInt64]) func successiveDrawsContinue(seed: UInt64) throws {
    let expected = try Fixture("samplers/noise.safetensors").tensor("\(seed)/successive", in: Workspace()).array
    var generator = TorchGenerator(seed: seed)
    let drawn = [3, 20, 5, 16, 33].flatMap { generator.normal($0) }
    #expect(zip(drawn, expected).allSatisfy { abs($0 - $1) <= 2e-6 })
  }

  /// One draw of the whole shape is not as many draws of a picture's.
  @Test func severalPicturesOfNoiseAreOneDraw() {
    let workspace = Workspace()
    var (whole, flat) = (TorchGenerator(seed: 3), TorchGenerator(seed: 3))
    let noise = whole.normal([3, 3, 5, 4], in: workspace)
    let values = flat.normal(3 * 4 * 3 * 5)  // [3, 4, 3, 5]
    for picture in 0..<3 {
      for cell in 0..<15 {
        for channel in 0..<4 {
          #expect(noise.pointer[(picture * 15 + cell) * 4 + channel] == values[(picture * 4 + channel) * 15 + cell])
        }
      }
    }
  }
}
