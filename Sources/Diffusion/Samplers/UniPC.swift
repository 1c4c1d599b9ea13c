// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Numerics

/// Unified predictor-corrector of order 1 or 2, predicting x_0 (Zhao et al. 2023, algorithms 5 to 8).
struct UniPC: Sampler {
  private let prediction: PredictionType
  private let grid: SigmaGrid
  private let order: Int
  private let isB2: Bool
  private let lowersOrderAtEnd: Bool
  private let uncorrected: Set<Int>  // steps
  private var originals: [Tensor] = []  // x_0 as predicted at the last two steps
  private var lastSample: Tensor?  // where the last step began
  private var lastOrder = 1
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .uniPC, skipped: skipped)
    timesteps = grid.timesteps
    order = try configuration.int("solver_order", or: 2)
    guard (1...2).contains(order) else {
      throw configuration.error("\"solver_order\" \(order) is not supported by unipc, only 1, 2; use another sampler")
    }
    // diffusers takes the DPM-Solver's types for bh2.
    isB2 = try configuration.string(
      "solver_type", or: "bh2", of: ["bh1", "bh2", "midpoint", "heun", "logrho"]) != "bh1"
    guard try configuration.bool("predict_x0", or: true) else {
      throw configuration.error("\"predict_x0\" false is not supported; use another sampler")
    }
    lowersOrderAtEnd = try configuration.bool("lower_order_final", or: true)
    let disabled = configuration.json["disable_corrector"]?.array?.compactMap(\.int) ?? []  // of the whole grid
    uncorrected = Set(disabled.map { $0 &- skipped })
  }

  func level(at step: Int) -> NoiseLevel { grid.level(at: step) }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let original = prediction.original(output, x, at: grid.level(at: step))
    var x = x
    if let lastSample, !uncorrected.contains(step - 1) { x = corrected(lastSample, original, at: step) }
    originals = originals.suffix(1) + [original]
    // A step to no noise at all is infinitely long: it has no second order (diffusers' result is not a number).
    let isLast = grid.sigmas[step + 1] == 0
    lastOrder = isLast ? 1 : min(order, lowersOrderAtEnd ? timesteps.count - step : order, originals.count)
    lastSample = x
    return predicted(x, at: step)
  }

  /// UniP: a step (equation 8 with a_1 = 1/2 at order 2).
  private func predicted(_ x: Tensor, at step: Int) -> Tensor {
    let interval = Interval(grid, from: step, isB2: isB2)
    let now = originals[originals.count - 1]
    var terms = [(interval.xFactor, x), (-interval.signal * interval.phi1, now)]
    if lastOrder == 2 {
      let factor = -interval.signal * interval.b * 0.5 / interval.ratio(to: step - 1)
      terms += [(factor, originals[0]), (-factor, now)]
    }
    return linearCombination(terms)
  }

  /// UniC: the step before this one once more, knowing the prediction at its end (equation 9).
  private func corrected(_ x: Tensor, _ end: Tensor, at step: Int) -> Tensor {
    let interval = Interval(grid, from: step - 1, isB2: isB2)
    let now = originals[originals.count - 1]
    let scale = -interval.signal * interval.b
    guard lastOrder == 2 else {
      return linearCombination((interval.xFactor, x), (-interval.signal * interval.phi1 - 0.5 * scale, now), (0.5 * scale, end))
    }
    // [1 1; r 1] rho = [b1 b2], r the last step's place in this step's lambda.
    let r = interval.ratio(to: step - 2)
    let rho1 = (interval.b1 - interval.b2) / (1 - r)
    let rho2 = interval.b1 - rho1
    let slope = scale * rho1 / r
    return linearCombination(
      (interval.xFactor, x), (-interval.signal * interval.phi1 - slope - scale * rho2, now), (slope, originals[0]),
      (scale * rho2, end))
  }

  /// What a step takes of its interval of lambda, in the paper's letters (predicting x_0: h negative).
  private struct Interval {
    let grid: SigmaGrid
    let from: Int
    let h: Double
    let signal: Double
    let xFactor: Double
    let phi1: Double  // e^-h - 1
    let b: Double  // B(h)
    let b1: Double
    let b2: Double

    init(_ grid: SigmaGrid, from: Int, isB2: Bool) {
      self.grid = grid
      self.from = from
      let end = grid.level(at: from + 1)
      h = grid.lambda(at: from + 1) - grid.lambda(at: from)
      signal = end.signal
      xFactor = end.noise / grid.level(at: from).noise
      phi1 = expm1(-h)
      b = isB2 ? phi1 : -h
      let phi2 = phi1 / -h - 1
      b1 = phi2 / b
      b2 = (phi2 / -h - 0.5) * 2 / b
    }

    func ratio(to other: Int) -> Double {
      (grid.lambda(at: other) - grid.lambda(at: from)) / h
    }
  }
}
