// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A sampler over latents whose signal stays while the noise on it goes, so that their variance is not preserved.
protocol VarianceExploding: Sampler {
  var grid: SigmaGrid { get }
}

extension VarianceExploding {
  var initialNoiseSigma: Float {
    let largest = grid.sigmas.max() ?? 0
    return Float(grid.spacing == "leading" ? (largest * largest + 1).squareRoot() : largest)
  }

  func level(at step: Int) -> NoiseLevel { NoiseLevel(signal: 1, noise: grid.sigmas[step]) }

  func scaled(_ x: Tensor, at step: Int) -> Tensor { linearCombination((1 / level(at: step).variance.squareRoot(), x)) }
}
