import Checkpoints

/// Which training steps a sampler visits (Lin et al. 2024, table 2), as diffusers' schedulers space them.
struct TimestepGrid {
  let spacing: String
  let offset: Int
  let trainSteps: Int

  init(_ configuration: SchedulerConfiguration, spacing fallback: String, trainSteps: Int) throws {
    spacing = try configuration.string("timestep_spacing", or: fallback)
    offset = try configuration.int("steps_offset", or: 0)
    self.trainSteps = trainSteps
    guard ["linspace", "leading", "trailing"].contains(spacing) else {
      throw CheckpointError("scheduler: \"timestep_spacing\" \"\(spacing)\" is not supported")
    }
    guard (0...1).contains(offset) else { throw CheckpointError("scheduler: \"steps_offset\" must be 0 or 1") }
  }

  /// Descending.  Multistep solvers in sigma leave the grid's end out (`openEnded`): it is one interval longer.
  func timesteps(_ steps: Int, openEnded: Bool = false, rounded: Bool = true) throws -> [Double] {
    guard steps >= 1, steps < trainSteps else {
      throw CheckpointError("\(steps) steps; this model was trained with \(trainSteps), use fewer")
    }
    switch spacing {
    case "linspace":
      let points = steps + (openEnded ? 1 : 0)
      let all = (0..<points).map { index in
        points == 1 ? 0 : Double(index) * (Double(trainSteps - 1) / Double(points - 1))
      }
      return all.dropFirst(openEnded ? 1 : 0).reversed().map { rounded ? $0.rounded(.toNearestOrEven) : Double(Float($0)) }
    case "leading":
      let ratio = trainSteps / (steps + (openEnded ? 1 : 0))
      return (openEnded ? 1...steps : 0...steps - 1).reversed().map { Double($0 * ratio + offset) }
    default:
      let ratio = Double(trainSteps) / Double(steps)
      let count = Int((Double(trainSteps) / ratio).rounded(.up))
      return (0..<count).map { (Double(trainSteps) - Double($0) * ratio).rounded(.toNearestOrEven) - 1 }
    }
  }
}
