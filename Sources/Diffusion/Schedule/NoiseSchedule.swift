// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// The variance schedule of the diffusion process (Ho et al. 2020), in float32 as diffusers computes it.
struct NoiseSchedule {
  /// Products of 1 - beta up to each training step.
  let alphasCumprod: [Float]
  /// Noise over signal at each training step, sqrt((1 - a) / a).
  let sigmas: [Double]
  private let logSigmas: [Float]
  var trainSteps: Int { alphasCumprod.count }

  /// `terminal`: the last alpha of a schedule that ends in pure noise (`rescale_betas_zero_snr`), where the sampler
  /// knows that key.  0 is exact; solvers that divide by it take a small number.
  init(_ configuration: SchedulerConfiguration, terminal: Float?) throws {
    let betas = try Self.betas(configuration)
    if let terminal, try configuration.bool("rescale_betas_zero_snr", or: false) {
      alphasCumprod = Self.products(Self.withoutTerminalSignal(betas)).dropLast() + [terminal]
    } else {
      alphasCumprod = Self.products(betas)
    }
    sigmas = alphasCumprod.map { Double(((1 - $0) / $0).squareRoot()) }
    logSigmas = sigmas.map { Float(log($0)) }
  }

  private static func betas(_ configuration: SchedulerConfiguration) throws -> [Float] {
    let count = try configuration.int("num_train_timesteps", or: 1000)
    let first = try configuration.double("beta_start", or: 0.0001)
    let last = try configuration.double("beta_end", or: 0.02)
    guard (2...10_000).contains(count), first > 0, last > 0, first < 1, last < 1 else {
      throw configuration.error(
        "num_train_timesteps \(count), beta_start \(first), beta_end \(last): must be 2 to 10000 and between 0 and 1")
    }
    if let trained = configuration.json["trained_betas"] {
      guard let values = trained.array?.compactMap(\.double), values.count == count,
        values.allSatisfy({ $0 > 0 && $0 < 1 })
      else { throw configuration.error("\"trained_betas\" must be \(count) numbers between 0 and 1") }
      return values.map { Float($0) }
    }
    switch try configuration.string(
      "beta_schedule", or: "linear", of: ["linear", "scaled_linear", "squaredcos_cap_v2"])
    {
    case "linear": return evenly(first, last, count)
    case "scaled_linear": return evenly(first.squareRoot(), last.squareRoot(), count).map { $0 * $0 }
    default: return cosine(count)
    }
  }

  private static func products(_ betas: [Float]) -> [Float] {
    var product = 1.0
    return betas.map { beta in
      product *= Double(1 - beta)
      return Float(product)
    }
  }

  /// Betas whose last signal is 0 and whose first is kept (Lin et al. 2024, algorithm 1).
  private static func withoutTerminalSignal(_ betas: [Float]) -> [Float] {
    let signals = products(betas).map { $0.squareRoot() }
    let (first, last) = (signals[0], signals[signals.count - 1])
    let squares = signals.map { signal in
      let shifted = (signal - last) * (first / (first - last))
      return shifted * shifted
    }
    return [1 - squares[0]] + zip(squares, squares.dropFirst()).map { 1 - $1 / $0 }
  }

  /// torch.linspace: from both ends, so that both are exact.
  private static func evenly(_ first: Double, _ last: Double, _ count: Int) -> [Float] {
    let (first, last) = (Float(first), Float(last))
    let step = (last - first) / Float(count - 1)
    return (0..<count).map { $0 < count / 2 ? first + step * Float($0) : last - step * Float(count - 1 - $0) }
  }

  /// Nichol and Dhariwal 2021, equation 17, betas at most 0.999.
  private static func cosine(_ count: Int) -> [Float] {
    func level(_ t: Double) -> Double { pow(cos((t + 0.008) / 1.008 * .pi / 2), 2) }
    return (0..<count).map {
      Float(min(1 - level(Double($0 + 1) / Double(count)) / level(Double($0) / Double(count)), 0.999))
    }
  }

  /// At a training step, 0 ..< trainSteps.
  func level(at timestep: Int) -> NoiseLevel { NoiseLevel(alpha: Double(alphasCumprod[timestep])) }

  /// The sigma at a training step, between two by linear interpolation.
  func sigma(at timestep: Double) -> Double {
    let clamped = min(max(timestep, 0), Double(trainSteps - 1))
    let low = min(Int(clamped), trainSteps - 2)
    return sigmas[low] + (sigmas[low + 1] - sigmas[low]) * (clamped - Double(low))
  }

  /// The training step with a sigma, between two by interpolation of the logarithm.
  func timestep(of sigma: Double) -> Double {
    let wanted = log(max(sigma, 1e-10))
    let low = min(logSigmas.lastIndex { Double($0) <= wanted } ?? 0, trainSteps - 2)
    let (below, above) = (logSigmas[low], logSigmas[low + 1])
    let weight = min(max((Double(below) - wanted) / Double(below - above), 0), 1)
    return (1 - weight) * Double(low) + weight * Double(low + 1)
  }

  /// Throws where one of these steps has nothing of the picture and the model predicts noise, which then does not tell
  /// what the picture is.
  func requireSignal(
    at timesteps: some Sequence<Int>, _ prediction: PredictionType, _ configuration: SchedulerConfiguration,
    of sampler: String
  ) throws {
    guard prediction != .epsilon || timesteps.allSatisfy({ alphasCumprod[$0] > 0 }) else {
      throw configuration.error(
        "\"rescale_betas_zero_snr\" leaves nothing of the picture at the first step, which \(sampler) needs where the "
          + "model predicts \"epsilon\"; use euler or dpmpp-2m")
    }
  }

  /// How many training steps have half a log signal-to-noise ratio of at least `lambda`.
  func count(withLambdaFrom lambda: Double) -> Int {
    alphasCumprod.count { log($0.squareRoot()) - log((1 - $0).squareRoot()) >= Float(lambda) }
  }
}
