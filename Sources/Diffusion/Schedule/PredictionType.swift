// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// What a UNet predicts; as diffusers' `prediction_type`.
enum PredictionType: String, CaseIterable {
  /// The noise (Ho et al. 2020).
  case epsilon
  /// signal epsilon - noise x_0, of preserved variance (Salimans and Ho 2022).
  case velocity = "v_prediction"
  /// The latents without noise, x_0.
  case sample

  /// x_0 by an output for x.
  func original(_ output: Tensor, _ x: Tensor, at level: NoiseLevel) -> Tensor {
    let (signal, noise, variance) = (level.signal, level.noise, level.variance)
    return switch self {
    case .epsilon: linearCombination((1 / signal, x), (-noise / signal, output))
    case .sample: output
    case .velocity: linearCombination((signal / variance, x), (-noise / variance.squareRoot(), output))
    }
  }

  /// The noise in x by an output for it.
  func epsilon(_ output: Tensor, _ x: Tensor, at level: NoiseLevel) -> Tensor {
    let (signal, noise, variance) = (level.signal, level.noise, level.variance)
    return switch self {
    case .epsilon: output
    case .sample: linearCombination((1 / noise, x), (-signal / noise, output))
    case .velocity: linearCombination((signal / variance.squareRoot(), output), (noise / variance, x))
    }
  }

  /// How much the noise counts that an output predicts, 0 ... 1.
  ///
  /// Min-SNR weighting with gamma = 1 (Hang et al. 2023): x_0 counts min(SNR, 1), and its error is sqrt(SNR) times as
  /// large in the noise, which so counts min(1, 1 / SNR).  Noise that is predicted itself, or in a velocity, counts 1.
  func minSNRWeight(at level: NoiseLevel) -> Double {
    switch self {
    case .epsilon, .velocity: 1
    case .sample: min(level.noise * level.noise / (level.signal * level.signal), 1)
    }
  }
}
