import Checkpoints
import Glibc
import Numerics

/// The sigmas and timesteps of solvers that think in noise over signal.
struct SigmaGrid {
  /// diffusers' classes, which differ in what they round, where they begin and where they end.
  enum Solver { case dpmSolver, uniPC, euler }

  /// One more than there are steps: the last one is where the picture is done.
  let sigmas: [Double]
  let timesteps: [Float]
  /// How the training steps were spaced.
  let spacing: String

  init(_ configuration: SchedulerConfiguration, steps: Int, _ solver: Solver) throws {
    try configuration.refuse("use_exponential_sigmas", "use_beta_sigmas")
    if solver != .euler { try configuration.refuse("thresholding", "use_flow_sigmas", "use_dynamic_shifting") }
    // fp16's smallest number instead of 0, so that the first sigma is finite.
    let schedule = try NoiseSchedule(configuration, terminal: 0x1p-24)
    let grid = try TimestepGrid(configuration, spacing: "linspace", trainSteps: schedule.trainSteps)
    spacing = grid.spacing
    var timesteps: [Double]
    switch solver {
    case .euler: timesteps = try grid.timesteps(steps).map { Double(Float($0)) }
    case .uniPC: timesteps = try grid.openTimesteps(steps, below: schedule.trainSteps)
    case .dpmSolver:
      try configuration.refuse("use_lu_lambdas")
      let lowest = try configuration.double("lambda_min_clipped", or: -.infinity)
      let end = schedule.count(withLambdaFrom: lowest)
      guard end >= 2 else { throw configuration.error("\"lambda_min_clipped\" \(lowest) leaves no timesteps") }
      timesteps = try grid.openTimesteps(steps, below: end)
    }

    var sigmas = timesteps.map(schedule.sigma)
    let usesKarras = try configuration.bool("use_karras_sigmas", or: false)
    if usesKarras {
      let ends = solver == .euler ? sigmas : schedule.sigmas.reversed()
      sigmas = Self.karras(
        from: try configuration.positive("sigma_max") ?? ends[0],
        to: try configuration.positive("sigma_min") ?? ends[ends.count - 1], count: steps)
      timesteps = sigmas.map(schedule.timestep)
      switch solver {
      case .euler: break
      case .dpmSolver where configuration.json["beta_schedule"]?.string == "squaredcos_cap_v2":
        timesteps = timesteps.map { $0.rounded(.down) }
      case .dpmSolver, .uniPC: timesteps = timesteps.map { $0.rounded(.toNearestOrEven) }
      }
    }
    switch try configuration.string("final_sigmas_type", or: "zero", of: ["zero", "sigma_min"]) {
    case "zero": sigmas.append(0)
    default: sigmas.append(solver == .uniPC && usesKarras ? sigmas[sigmas.count - 1] : schedule.sigmas[0])
    }
    self.sigmas = sigmas.map { Double(Float($0)) }
    self.timesteps = timesteps.map { Float($0) }
  }

  /// Sigmas evenly spaced in their seventh root (Karras et al. 2022, equation 5).
  private static func karras(from largest: Double, to smallest: Double, count: Int) -> [Double] {
    let (high, low) = (pow(largest, 1 / 7), pow(smallest, 1 / 7))
    return (0..<count).map { pow(high + (count > 1 ? Double($0) / Double(count - 1) : 0) * (low - high), 7) }
  }

  /// `original` with the noise before a step, variance preserved.
  func noised(_ original: Tensor, with noise: Tensor, at step: Int) -> Tensor {
    let factors = Self.signalAndNoise(sigmas[step])
    return combine((factors.signal, original), (factors.noise, noise))
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
