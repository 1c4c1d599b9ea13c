// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Diffusion
@testable import Numerics

/// What a prediction says of latents that are known.
@Suite struct PredictionTypeTests {
  /// With preserved variance, and Euler's, whose signal stays 1.
  static let levels = [NoiseLevel(alpha: 0.9), NoiseLevel(alpha: 0.05), NoiseLevel(signal: 1, noise: 14.6), NoiseLevel(sigma: 0.3)]

  @Test(arguments: PredictionType.allCases, levels)
  func originalAndNoiseAreThoseThatMadeIt(_ prediction: PredictionType, _ level: NoiseLevel) {
    let workspace = Workspace()
    var generator = TorchGenerator(seed: 2)
    let original = generator.normal([1, 2, 2, 4], in: workspace)
    let epsilon = generator.normal([1, 2, 2, 4], in: workspace)
    let x = level.noised(original, with: epsilon)
    let scale = level.variance.squareRoot()
    let output = switch prediction {
    case .epsilon: epsilon
    case .sample: original
    case .velocity: linearCombination((level.signal / scale, epsilon), (-level.noise / scale, original))
    }
    #expect(mismatch(prediction.original(output, x, at: level), original, limit: 1e-5, "original") == nil)
    #expect(mismatch(prediction.epsilon(output, x, at: level), epsilon, limit: 1e-5, "noise") == nil)
  }
}
