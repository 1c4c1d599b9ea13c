// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Diffusion
@testable import Numerics

/// The parts of local harmonization; whole runs: InpaintABITests.
@Suite struct LocalHarmonizationTests {
  /// As examples/training's `even_timesteps` gives them with PyTorch 2.13.
  @Test(arguments: [
    (4, 0.6, [149, 299, 449, 599]), (3, 1.0, [332, 666, 999]), (7, 0.35, [49, 99, 149, 199, 249, 299, 349]),
    (8, 0.5, [61, 124, 187, 249, 311, 374, 437, 499]), (4, 0.001, [0, 0, 0, 0]), (2, 0.0, []),
  ])
  func theTimestepsAreThoseOfTheTraining(_ steps: Int, _ strength: Double, _ expected: [Int]) {
    #expect(LocalHarmonization.evenTimesteps(steps, strength: strength, of: 1000) == expected)
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
