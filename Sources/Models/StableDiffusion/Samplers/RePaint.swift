import Checkpoints
import Numerics

/// RePaint (Lugmayr et al. 2022, algorithm 1): denoising steps in which the known part is the picture's own, noised as
/// far, and jumps back to more noise, so that the fill and what surrounds it come to agree.
///
/// diffusers' RePaintScheduler: a DDIM step of any eta (equation 12 there) on the grid 0, n, 2 n, ... with the signal 1
/// at its end, the known part noised by the step's own draw.  One thing differs.  To take back the step from t to t - n,
/// diffusers adds the noise of the training steps t ..< t + n instead of those behind t - n up to t, which leaves a
/// fifth more of it than the UNet is told of, with 20 steps and a jump over 10.  Here it is the grid's own transition in
/// one draw, x_t ~ N(sqrt(a_t / a_t-n) x_t-n, 1 - a_t / a_t-n).  On a grid of all training steps both are the same.
struct RePaint: Sampler {
  /// What is known of the picture, and where noise comes from.
  private struct Surroundings {
    let latents: Tensor  // [1, h, w, C]
    let hole: Tensor  // [1, h, w, 1]
    let noise: () -> Tensor
  }

  private let schedule: NoiseSchedule
  private let prediction: PredictionType
  private let clip: Double?
  private let eta: Double
  private let stride: Int
  private let walk: [JumpWalk.Step]
  private var surroundings: Surroundings?
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int, jumpLength: Int, jumpSamples: Int) throws {
    schedule = try NoiseSchedule(configuration, terminal: nil)
    prediction = try configuration.predictionType()
    clip = try configuration.bool("clip_sample", or: true) ? 1 : nil
    eta = try configuration.double("eta", or: 0)
    guard (0...1).contains(eta) else { throw configuration.error("\"eta\" must be 0 to 1, not \(eta)") }
    guard steps <= schedule.trainSteps else {
      throw configuration.error("\(steps) steps; with this model there can be 1 to \(schedule.trainSteps)")
    }
    let stride = schedule.trainSteps / steps
    self.stride = stride
    walk = JumpWalk.steps(steps - skipped, jumpLength: jumpLength, jumpSamples: jumpSamples)
    timesteps = walk.map { Float($0.level * stride) }
  }

  /// How much signal is left at a level of the grid; -1 is the picture.
  private func alpha(_ level: Int) -> Double { level < 0 ? 1 : Double(schedule.alphasCumprod[level * stride]) }

  var holdsKnown: Bool { true }

  mutating func hold(_ known: Tensor, hole: Tensor, noise: @escaping () -> Tensor) {
    surroundings = Surroundings(latents: known, hole: hole, noise: noise)
  }

  func noised(_ original: Tensor, with noise: Tensor) -> Tensor {
    schedule.noised(original, with: noise, at: Int(timesteps[0]))
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int) -> Tensor {
    guard let surroundings else { preconditionFailure("a step of repaint without what is known") }
    let level = walk[step].level
    let (alpha, previous) = (alpha(level), alpha(level - 1))
    let noise = surroundings.noise()
    var (original, epsilon) = prediction.originalAndEpsilon(output, x, alpha: alpha)
    if let clip { original = original.clamped(to: Float(clip)) }
    let variance = eta * eta * (1 - previous) / (1 - alpha) * (1 - alpha / previous)
    let filled = combine(
      (previous.squareRoot(), original), (max(1 - previous - variance, 0).squareRoot(), epsilon),
      (level > 0 ? variance.squareRoot() : 0, noise))
    let known = combine((previous.squareRoot(), surroundings.latents), ((1 - previous).squareRoot(), noise))
    var result = filled
    result.keepInPlace(where: surroundings.hole, of: known)
    for level in level..<level + walk[step].stepsBack {
      let kept = self.alpha(level) / self.alpha(level - 1)
      result = combine((kept.squareRoot(), result), ((1 - kept).squareRoot(), surroundings.noise()))
    }
    return result
  }
}

/// In which order RePaint visits the levels of its grid (figure 9 there).
enum JumpWalk {
  /// A denoising step from `level` to the one below it, and by how many it goes up again behind it.
  struct Step: Equatable {
    let level: Int
    let stepsBack: Int
  }

  /// From the level `count` - 1 down to 0.  Each of the levels 0, j, 2 j, ... that has more than a jump's length j above
  /// it is jumped back from until it has been reached `jumpSamples` times; so a j from `count` on means no jumps.
  static func steps(_ count: Int, jumpLength: Int, jumpSamples: Int) -> [Step] {
    var remaining = [Int](repeating: 0, count: count)
    for level in stride(from: 0, to: count - jumpLength, by: jumpLength) { remaining[level] = jumpSamples - 1 }
    var steps: [Step] = []
    var level = count
    while level > 0 {
      level -= 1
      let jumps = remaining[level] > 0
      steps.append(Step(level: level, stepsBack: jumps ? jumpLength : 0))
      if jumps {
        remaining[level] -= 1
        level += jumpLength
      }
    }
    return steps
  }
}
