import Checkpoints
import Glibc
import Tensors

/// The sigmas and timesteps of solvers that think in noise over signal (DPM-Solver++, UniPC, Euler).
struct SigmaGrid {
  /// One more than there are steps: the last one is where the picture is done.
  let sigmas: [Double]
  let timesteps: [Float]

  /// `openEnded`: see `TimestepGrid`; Euler is not, and its timesteps need not be whole.
  init(
    _ configuration: SchedulerConfiguration, _ schedule: NoiseSchedule, steps: Int, openEnded: Bool
  ) throws {
    try configuration.refuse(
      "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "use_dynamic_shifting")
    let grid = try TimestepGrid(configuration, spacing: "linspace", trainSteps: schedule.trainSteps)
    var timesteps = try grid.timesteps(steps, openEnded: openEnded, rounded: openEnded)
    var sigmas = timesteps.map(schedule.sigma)
    if try configuration.bool("use_karras_sigmas", or: false) {
      let ends = openEnded ? (schedule.sigmas[schedule.trainSteps - 1], schedule.sigmas[0]) : (sigmas[0], sigmas[steps - 1])
      sigmas = schedule.karras(from: ends.0, to: ends.1, count: steps)
      timesteps = sigmas.map { openEnded ? schedule.timestep(of: $0).rounded(.toNearestOrEven) : schedule.timestep(of: $0) }
    }
    switch try configuration.string("final_sigmas_type", or: "zero") {
    case "zero": sigmas.append(0)
    case "sigma_min": sigmas.append(schedule.sigmas[0])
    case let name: throw CheckpointError("scheduler: \"final_sigmas_type\" \"\(name)\" is not supported")
    }
    self.sigmas = sigmas.map { Double(Float($0)) }
    self.timesteps = timesteps.map { Float($0) }
  }

  /// Factors of signal and noise at a sigma when the variance is preserved.
  static func signalAndNoise(_ sigma: Double) -> (signal: Double, noise: Double) {
    let signal = 1 / (sigma * sigma + 1).squareRoot()
    return (signal, sigma * signal)
  }

  /// Half the logarithm of the signal-to-noise ratio; infinite at the end.
  static func lambda(_ sigma: Double) -> Double { -log(sigma) }
}

extension PredictionType {
  /// The picture that an output at a sigma points to, under preserved variance.
  func original(_ output: Tensor, _ x: Tensor, sigma: Double) -> Tensor {
    let (signal, noise) = SigmaGrid.signalAndNoise(sigma)
    return switch self {
    case .epsilon: combine((1 / signal, x), (-noise / signal, output))
    case .sample: output
    case .velocity: combine((signal, x), (-noise, output))
    }
  }
}
