// SPDX-License-Identifier: LGPL-3.0-or-later
/// Which training steps a sampler visits (Lin et al. 2024, table 2), as diffusers' schedulers space them.
struct TimestepGrid {
  private let configuration: SchedulerConfiguration
  let spacing: String
  private let offset: Int
  private let trainSteps: Int

  init(_ configuration: SchedulerConfiguration, spacing fallback: String, trainSteps: Int) throws {
    self.configuration = configuration
    self.trainSteps = trainSteps
    spacing = try configuration.string("timestep_spacing", or: fallback, of: ["linspace", "leading", "trailing"])
    offset = try configuration.int("steps_offset", or: 0)
    guard (0...1).contains(offset) else { throw configuration.error("\"steps_offset\" must be 0 or 1, not \(offset)") }
  }

  /// Descending, not rounded where they lie on a line.
  func timesteps(_ steps: Int) throws -> [Double] {
    try check(steps, limit: trainSteps)
    return switch spacing {
    case "linspace": line(through: trainSteps - 1, points: steps).reversed()
    case "leading": (0..<steps).reversed().map { Double($0 * (trainSteps / steps) + offset) }
    default: trailing(steps, from: trainSteps)
    }
  }

  /// Descending training steps, all of which the schedule has.
  func wholeTimesteps(_ steps: Int) throws -> [Int] {
    let timesteps = try timesteps(steps).map { Int($0.rounded(.toNearestOrEven)) }
    guard timesteps.allSatisfy({ $0 < trainSteps }) else {
      throw configuration.tooManySteps(steps, limit: trainSteps - 1)
    }
    return timesteps
  }

  /// Descending, for multistep solvers: the grid below `end` less its last point, where x_0 is.
  func openTimesteps(_ steps: Int, below end: Int) throws -> [Double] {
    try check(steps, limit: spacing == "trailing" ? end : end - 1)
    return switch spacing {
    case "linspace":
      line(through: end - 1, points: steps + 1).dropFirst().reversed().map { $0.rounded(.toNearestOrEven) }
    case "leading": (1...steps).reversed().map { Double($0 * (end / (steps + 1)) + offset) }
    default: trailing(steps, from: end)
    }
  }

  private func check(_ steps: Int, limit: Int) throws {
    guard steps >= 1, steps <= limit else { throw configuration.tooManySteps(steps, limit: limit) }
  }

  /// numpy.linspace(0, end, points)
  private func line(through end: Int, points: Int) -> [Double] {
    (0..<points).map { points == 1 ? 0 : Double($0) * (Double(end) / Double(points - 1)) }
  }

  /// numpy.arange(end, 0, -trainSteps / steps), rounded, less 1.  Its step is what rounding leaves of the first one,
  /// which decides where a half is rounded to.  Where that leaves one point too many, at -1 (61 steps of 1000), diffusers
  /// takes it, as numpy takes an index from the end; here it is left out.
  private func trailing(_ steps: Int, from end: Int) -> [Double] {
    let (top, ratio) = (Double(end), Double(trainSteps) / Double(steps))
    let step = top - (top - ratio)
    return (0..<Int((top / ratio).rounded(.up))).map { (top - Double($0) * step).rounded(.toNearestOrEven) - 1 }
      .filter { $0 >= 0 }
  }
}
