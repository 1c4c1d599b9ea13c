// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// What noisy latents are made of: x = signal x_0 + noise epsilon, where epsilon is standard normal.
struct NoiseLevel: Equatable {
  let signal: Double
  let noise: Double

  init(signal: Double, noise: Double) {
    self.signal = signal
    self.noise = noise
  }

  /// With preserved variance; alpha: the product of all 1 - beta so far, 0 ... 1 (Ho et al. 2020, equation 4).
  init(alpha: Double) { self.init(signal: alpha.squareRoot(), noise: (1 - alpha).squareRoot()) }

  /// With preserved variance; sigma: noise over signal, 0 or more.
  init(sigma: Double) {
    let signal = 1 / (sigma * sigma + 1).squareRoot()
    self.init(signal: signal, noise: sigma * signal)
  }

  /// The variance of x for x_0 of variance 1; 1 where it is preserved.
  var variance: Double { signal * signal + noise * noise }

  /// x at this level.
  func noised(_ original: Tensor, with epsilon: Tensor) -> Tensor { linearCombination((signal, original), (noise, epsilon)) }

  /// x at this level from x at a lower one, by the forward process: N(r x, noise^2 - (r lower noise)^2), where r is the
  /// ratio of the signals.
  func noised(_ x: Tensor, from lower: NoiseLevel, with epsilon: Tensor) -> Tensor {
    let ratio = signal / lower.signal
    let added = max(noise * noise - ratio * ratio * lower.noise * lower.noise, 0)
    return linearCombination((ratio, x), (added.squareRoot(), epsilon))
  }
}
