// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Pseudo numerical methods for diffusion models (Liu et al. 2022): linear multistep, after three pseudo Runge-Kutta
/// steps of four calls each where the configuration does not skip them (`skip_prk_steps`).
struct PNDM: Sampler {
  private let schedule: NoiseSchedule
  private let prediction: PredictionType
  private let finalAlpha: Double
  private let stride: Int
  private let rungeKutta: [Int]  // timesteps of those calls
  private let skipsRungeKutta: Bool
  let timesteps: [Float]

  private var counter = 0
  private var outputs: [Tensor] = []  // the last four
  private var sum: Tensor?  // of a Runge-Kutta step
  private var start: Tensor?  // where a step that takes several calls began

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    schedule = try NoiseSchedule(configuration, terminal: nil)
    prediction = try configuration.predictionType()
    guard prediction != .sample else {
      throw configuration.error(
        "\"prediction_type\" \"sample\" is not supported by pndm, only epsilon, v_prediction; use ddim")
    }
    finalAlpha = try configuration.bool("set_alpha_to_one", or: false) ? 1 : Double(schedule.alphasCumprod[0])
    let stride = schedule.trainSteps / steps
    self.stride = stride
    skipsRungeKutta = try configuration.bool("skip_prk_steps", or: false)
    let grid = try TimestepGrid(configuration, spacing: "leading", trainSteps: schedule.trainSteps)
    let ascending = Array(try grid.wholeTimesteps(steps).reversed())
    var multistep: [Int]
    var rungeKutta: [Int] = []
    if skipsRungeKutta {
      multistep = ascending.dropLast() + ascending.dropLast().suffix(1) + ascending.suffix(1)
    } else {
      guard steps >= 4 else { throw configuration.stepsError("\(steps) steps; with this model pndm needs at least 4") }
      let doubled = ascending.suffix(4).flatMap { [$0, $0 + stride / 2] }
      rungeKutta = doubled.dropLast().flatMap { [$0, $0] }.dropFirst().dropLast().reversed()
      multistep = ascending.dropLast(3)
    }
    multistep.reverse()
    timesteps = (rungeKutta + multistep).dropFirst(skipped).map { Float($0) }
    self.rungeKutta = rungeKutta
    guard timesteps.allSatisfy({ Int($0) < schedule.trainSteps }) else {
      throw configuration.stepsError("pndm cannot space \(steps) steps with this model; use another number")
    }
  }

  func level(at step: Int) -> NoiseLevel {
    step < timesteps.count ? schedule.level(at: Int(timesteps[step])) : NoiseLevel(alpha: finalAlpha)
  }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    defer { counter += 1 }
    let timestep = Int(timesteps[step])
    return counter < rungeKutta.count && !skipsRungeKutta
      ? rungeKuttaStep(output, x, timestep) : multistepStep(output, x, timestep)
  }

  private mutating func rungeKuttaStep(_ output: Tensor, _ x: Tensor, _ timestep: Int) -> Tensor {
    let previous = timestep - (counter % 2 == 1 ? 0 : stride / 2)
    var direction = output
    switch counter % 4 {
    case 0:
      sum = linearCombination((1.0 / 6, output))
      outputs.append(output)
      start = x
    case 1, 2:
      sum = linearCombination((1, sum!), (1.0 / 3, output))
    default:
      direction = linearCombination((1, sum!), (1.0 / 6, output))
    }
    return transfer(start ?? x, from: rungeKutta[counter / 4 * 4], to: previous, direction)
  }

  private mutating func multistepStep(_ output: Tensor, _ x: Tensor, _ timestep: Int) -> Tensor {
    var (timestep, previous, x) = (timestep, timestep - stride, x)
    if counter == 1 {  // the first step once more, with the mean of both ends
      (timestep, previous) = (timestep + stride, timestep)
    } else {
      outputs = outputs.suffix(3) + [output]
    }
    let last = outputs.count - 1
    let direction: Tensor
    switch (outputs.count, counter) {
    case (1, 0):
      direction = output
      start = x
    case (1, 1):
      direction = linearCombination((0.5, output), (0.5, outputs[last]))
      x = start ?? x
      start = nil
    case (2, _): direction = linearCombination((1.5, outputs[last]), (-0.5, outputs[last - 1]))
    case (3, _):
      direction = linearCombination((23 / 12.0, outputs[last]), (-16 / 12.0, outputs[last - 1]), (5 / 12.0, outputs[last - 2]))
    default:
      direction = linearCombination(
        (55 / 24.0, outputs[last]), (-59 / 24.0, outputs[last - 1]), (37 / 24.0, outputs[last - 2]),
        (-9 / 24.0, outputs[last - 3]))
    }
    return transfer(x, from: timestep, to: previous, direction)
  }

  /// Liu et al. 2022, equation 9 (the transfer part phi).
  private func transfer(_ x: Tensor, from timestep: Int, to previous: Int, _ output: Tensor) -> Tensor {
    let from = Double(schedule.alphasCumprod[min(max(timestep, 0), schedule.trainSteps - 1)])
    let to = previous < 0 ? finalAlpha : Double(schedule.alphasCumprod[previous])
    let epsilon = prediction.epsilon(output, x, at: NoiseLevel(alpha: from))
    let denominator = from * (1 - to).squareRoot() + (from * (1 - from) * to).squareRoot()
    return linearCombination(((to / from).squareRoot(), x), (-(to - from) / denominator, epsilon))
  }
}
