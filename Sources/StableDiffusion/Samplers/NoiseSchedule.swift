import Checkpoints
import Glibc

/// What a UNet's output means.
public enum PredictionType: String, Sendable {
  case epsilon
  case velocity = "v_prediction"  // Salimans and Ho 2022
  case sample
}

/// A pack's `scheduler_config.json`, read as diffusers' `from_config` does: keys that it has carry over to any sampler,
/// absent ones take that sampler's own defaults.
public struct SchedulerConfiguration: Sendable {
  let json: JSON

  public init(_ json: JSON) { self.json = json }

  /// The schedule of one-file Stable Diffusion checkpoints.
  public static let stableDiffusion = SchedulerConfiguration(
    .object([
      "beta_schedule": .string("scaled_linear"), "beta_start": .number(0.00085), "beta_end": .number(0.012),
      "num_train_timesteps": .integer(1000), "steps_offset": .integer(1), "set_alpha_to_one": .bool(false),
      "clip_sample": .bool(false), "prediction_type": .string("epsilon"), "skip_prk_steps": .bool(true),
    ]))

  func bool(_ key: String, or fallback: Bool) throws -> Bool { try json.value(key, or: fallback, \.bool) }
  func int(_ key: String, or fallback: Int) throws -> Int { try json.value(key, or: fallback, \.int) }
  func double(_ key: String, or fallback: Double) throws -> Double { try json.value(key, or: fallback, \.double) }
  func string(_ key: String, or fallback: String) throws -> String { try json.value(key, or: fallback, \.string) }

  /// Throws where a key that would change the result has a value which is not implemented.
  func refuse(_ keys: String...) throws {
    for key in keys where try bool(key, or: false) {
      throw CheckpointError("scheduler: \"\(key)\" is not supported")
    }
  }

  func predictionType() throws -> PredictionType {
    let name = try string("prediction_type", or: PredictionType.epsilon.rawValue)
    guard let type = PredictionType(rawValue: name) else {
      throw CheckpointError("scheduler: \"prediction_type\" \"\(name)\" is not supported")
    }
    return type
  }
}

/// The variance schedule of the diffusion process (Ho et al. 2020), in float32 as diffusers computes it.
struct NoiseSchedule {
  /// Products of 1 - beta up to each training step.
  let alphasCumprod: [Float]
  /// Noise over signal at each training step, sqrt((1 - a) / a).
  let sigmas: [Double]
  var trainSteps: Int { alphasCumprod.count }

  init(_ configuration: SchedulerConfiguration) throws {
    try configuration.refuse("rescale_betas_zero_snr", "thresholding")
    let count = try configuration.int("num_train_timesteps", or: 1000)
    let first = Float(try configuration.double("beta_start", or: 0.0001))
    let last = Float(try configuration.double("beta_end", or: 0.02))
    guard (2...10_000).contains(count), first > 0, last > 0, first < 1, last < 1 else {
      throw CheckpointError("scheduler: num_train_timesteps, beta_start or beta_end is out of range")
    }
    let betas: [Float]
    if let trained = configuration.json["trained_betas"] {
      guard let values = trained.array?.compactMap(\.double), values.count == count,
        values.allSatisfy({ $0 > 0 && $0 < 1 })
      else { throw CheckpointError("scheduler: \"trained_betas\" must be \(count) numbers between 0 and 1") }
      betas = values.map { Float($0) }
    } else {
      switch try configuration.string("beta_schedule", or: "linear") {
      case "linear": betas = Self.evenly(first, last, count)
      case "scaled_linear":
        betas = Self.evenly(Float(Double(first).squareRoot()), Float(Double(last).squareRoot()), count).map { $0 * $0 }
      case "squaredcos_cap_v2": betas = Self.cosine(count)
      case let name: throw CheckpointError("scheduler: \"beta_schedule\" \"\(name)\" is not supported")
      }
    }
    var product = 1.0
    alphasCumprod = betas.map { beta in
      product *= Double(1 - beta)
      return Float(product)
    }
    sigmas = alphasCumprod.map { Double(((1 - $0) / $0).squareRoot()) }
  }

  /// torch.linspace: from both ends, so that both are exact.
  private static func evenly(_ first: Float, _ last: Float, _ count: Int) -> [Float] {
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

  /// The sigma at a training step, between two by linear interpolation.
  func sigma(at timestep: Double) -> Double {
    let clamped = min(max(timestep, 0), Double(trainSteps - 1))
    let low = min(Int(clamped), trainSteps - 2)
    return sigmas[low] + (sigmas[low + 1] - sigmas[low]) * (clamped - Double(low))
  }

  /// The training step with a sigma, between two by interpolation of the logarithm.
  func timestep(of sigma: Double) -> Double {
    let wanted = log(max(sigma, 1e-10))
    let low = min(max((sigmas.lastIndex { log($0) <= wanted }) ?? 0, 0), trainSteps - 2)
    let (below, above) = (log(sigmas[low]), log(sigmas[low + 1]))
    return Double(low) + min(max((below - wanted) / (below - above), 0), 1)
  }

  /// Sigmas evenly spaced in their seventh root (Karras et al. 2022, equation 5).
  func karras(from largest: Double, to smallest: Double, count: Int) -> [Double] {
    let (high, low) = (pow(largest, 1 / 7), pow(smallest, 1 / 7))
    return (0..<count).map { pow(high + (count > 1 ? Double($0) / Double(count - 1) : 0) * (low - high), 7) }
  }
}
