// SPDX-License-Identifier: LGPL-3.0-or-later
/// The schedule of models that were distilled to few steps, and which of the training steps they visit: some of every
/// k-th, evenly by index (Luo et al. 2023, section 4.3).  The spacing of the configuration plays no part.
struct ConsistencyGrid {
  let schedule: NoiseSchedule
  let prediction: PredictionType
  /// Descending, without the first `skipped`.
  let timesteps: [Int]

  /// sampler: its name in errors.
  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int, _ sampler: String) throws {
    let configuration = configuration.filling([
      "beta_start": .number(0.00085), "beta_end": .number(0.012), "beta_schedule": .string("scaled_linear"),
    ])
    schedule = try NoiseSchedule(configuration, terminal: 0)
    prediction = try configuration.predictionType()
    let original = try configuration.int("original_inference_steps", or: 50)
    guard original >= 1, original <= schedule.trainSteps else {
      throw configuration.stepsError(
        "\(sampler) takes \(steps) steps out of \(original) (\"original_inference_steps\"), of which there can be 1 to "
          + "\(schedule.trainSteps), the model's training steps")
    }
    guard steps <= original else { throw configuration.tooManySteps(steps, limit: original) }
    let k = schedule.trainSteps / original
    // As numpy.linspace, whose products are rounded before they are cut off.
    let stride = Double(original) / Double(steps)
    timesteps = (skipped..<steps).map { (original - Int(Double($0) * stride)) * k - 1 }
    try schedule.requireSignal(at: timesteps, prediction, configuration, of: sampler)
  }
}
