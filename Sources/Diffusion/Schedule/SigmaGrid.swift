// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc

/// The sigmas, noise over signal, and timesteps that a solver visits.
struct SigmaGrid {
  /// diffusers' classes, which differ in what they round, where they begin and where they end, and in the keys they know.
  enum Solver {
    case dpmSolver, uniPC, deis
    case euler, eulerAncestral, heun

    var isMultistep: Bool { [.dpmSolver, .uniPC, .deis].contains(self) }
    fileprivate var knowsZeroSignal: Bool { self != .deis && self != .heun }
    fileprivate var knowsOtherSigmas: Bool { self != .eulerAncestral }
    fileprivate var knowsFinalSigmas: Bool { [.dpmSolver, .uniPC, .euler].contains(self) }
  }

  /// One more than there are steps: the last one is behind them.
  let sigmas: [Double]
  let timesteps: [Float]
  /// How many steps the whole grid has, the skipped ones too.
  let wholeCount: Int
  /// How the training steps were spaced.
  let spacing: String

  /// Begins behind the first `skipped` steps.
  init(_ configuration: SchedulerConfiguration, steps: Int, _ solver: Solver, skipped: Int) throws {
    if solver.knowsOtherSigmas { try configuration.refuse("use_exponential_sigmas", "use_beta_sigmas") }
    if solver.isMultistep { try configuration.refuse("thresholding", "use_flow_sigmas", "use_dynamic_shifting") }
    // fp16's smallest number instead of 0, so that the first sigma is finite.
    let schedule = try NoiseSchedule(configuration, terminal: solver.knowsZeroSignal ? 0x1p-24 : nil)
    let grid = try TimestepGrid(configuration, spacing: "linspace", trainSteps: schedule.trainSteps)
    spacing = grid.spacing
    var timesteps: [Double]
    switch solver {
    case .euler, .eulerAncestral, .heun: timesteps = try grid.timesteps(steps).map { Double(Float($0)) }
    case .uniPC, .deis: timesteps = try grid.openTimesteps(steps, below: schedule.trainSteps)
    case .dpmSolver:
      try configuration.refuse("use_lu_lambdas")
      let lowest = try configuration.double("lambda_min_clipped", or: -.infinity)
      let end = schedule.count(withLambdaFrom: lowest)
      guard end >= 2 else { throw configuration.error("\"lambda_min_clipped\" \(lowest) leaves no timesteps") }
      timesteps = try grid.openTimesteps(steps, below: end)
    }

    var sigmas = timesteps.map(schedule.sigma)
    let usesKarras = try solver.knowsOtherSigmas && configuration.bool("use_karras_sigmas", or: false)
    if usesKarras {
      let ends = solver.isMultistep ? schedule.sigmas.reversed() : sigmas
      sigmas = Self.karras(
        from: try configuration.positive("sigma_max") ?? ends[0],
        to: try configuration.positive("sigma_min") ?? ends[ends.count - 1], count: steps)
      timesteps = sigmas.map(schedule.timestep)
      if solver == .dpmSolver, configuration.json["beta_schedule"]?.string == "squaredcos_cap_v2" {
        timesteps = timesteps.map { $0.rounded(.down) }
      } else if solver.isMultistep {
        timesteps = timesteps.map { $0.rounded(.toNearestOrEven) }
      }
    }
    let end = try solver.knowsFinalSigmas
      ? configuration.string("final_sigmas_type", or: "zero", of: ["zero", "sigma_min"])
      : solver == .deis ? "sigma_min" : "zero"
    if end == "zero" {
      sigmas.append(0)
    } else {
      sigmas.append(solver != .dpmSolver && solver.isMultistep && usesKarras ? sigmas[sigmas.count - 1] : schedule.sigmas[0])
    }
    wholeCount = timesteps.count
    self.sigmas = sigmas.dropFirst(skipped).map { Double(Float($0)) }
    self.timesteps = timesteps.dropFirst(skipped).map { Float($0) }
  }

  /// Sigmas evenly spaced in their seventh root (Karras et al. 2022, equation 5).
  private static func karras(from largest: Double, to smallest: Double, count: Int) -> [Double] {
    let (high, low) = (pow(largest, 1 / 7), pow(smallest, 1 / 7))
    return (0..<count).map { pow(high + (count > 1 ? Double($0) / Double(count - 1) : 0) * (low - high), 7) }
  }

  /// Before a step, of preserved variance.
  func level(at step: Int) -> NoiseLevel { NoiseLevel(sigma: sigmas[step]) }

  /// Half the logarithm of the signal-to-noise ratio before a step; infinite where no noise is left.
  func lambda(at step: Int) -> Double { -log(sigmas[step]) }
}
