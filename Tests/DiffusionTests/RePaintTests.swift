// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import Testing
import TestSupport

@testable import Diffusion
@testable import Numerics

/// RePaint against diffusers, and what it promises by itself.
@Suite struct RePaintTests {
  static let reference: JSON = {
    let text = String(decoding: fileBytes("samplers/repaint.json"), as: UTF8.self)
    return (try? JSON(parsing: text, source: "repaint.json")) ?? .object([:])
  }()
  static let cases = reference["cases"]?.object?.keys.sorted() ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 11) }

  /// `key`: CONFIGURATION/STEPS/JUMP LENGTH/JUMP SAMPLES
  @Test(arguments: cases) func endsWhereDiffusersEnds(_ key: String) throws {
    let parts = key.split(separator: "/").map(String.init)
    let configuration = SchedulerConfiguration(try #require(Self.reference["configurations"]?[parts[0]]))
    let numbers = parts.dropFirst().compactMap { Int($0) }
    let sampler = try SamplerKind.repaint.make(configuration, steps: numbers[0], strength: 1)
    let rePaint = try RePaint(sampler, jumpLength: numbers[1], jumpSamples: numbers[2])
    let timesteps = try #require(Self.reference["cases"]?[key]?.array).compactMap(\.double)

    let workspace = Workspace()
    let file = try Fixture("samplers/repaint.safetensors")
    func tensor(_ name: String) throws -> Tensor { try file.tensor(name, in: workspace) }
    var generator = TorchGenerator(seed: 6)
    var visited: [Double] = []
    let x = try rePaint.denoised(
      tensor("noise"), known: tensor("start"), hole: Hole(tensor("hole")),
      noise: { generator.normal([1, 3, 5, 4], in: workspace) }
    ) { x, timestep in
      visited.append(Double(timestep))
      let output = linearCombination((0.5, x))
      for index in 0..<output.count { output.pointer[index] += timestep / 1000 - 0.3 }
      return output
    }
    #expect(visited == timesteps && visited.count == rePaint.count)
    #expect(mismatch(x, try file.tensor(key, in: workspace), limit: 1e-5, key) == nil)
  }

  /// The paper's settings, and those of Stable Diffusion's pipeline with it.
  @Test(arguments: [
    (250, 10, 10, 2410, 2160), (50, 10, 10, 410, 360), (20, 10, 10, 110, 90), (10, 10, 10, 10, 0), (5, 10, 10, 5, 0),
    (50, 10, 1, 50, 0), (3, 1, 2, 5, 2),
  ])
  func theScheduleIsAsLongAsThePapers(steps: Int, length: Int, samples: Int, denoised: Int, undone: Int) {
    let schedule = JumpSchedule.steps(steps, jumpLength: length, jumpSamples: samples)
    #expect(schedule.count == denoised)
    #expect(schedule.reduce(0) { $0 + $1.stepsBack } == undone)
    // Each step begins where the one before has ended, and none before the first.
    for (step, next) in zip(schedule, schedule.dropFirst()) { #expect(next.index == step.index + 1 - step.stepsBack) }
    #expect(schedule.first?.index == 0 && schedule.last == JumpSchedule.Step(index: steps - 1, stepsBack: 0))
  }

  /// A UNet that knows its picture is given the noise that it is told of: behind jumps, too.
  @Test func afterAJumpThereIsAsMuchNoiseAsTheScheduleSays() throws {
    let workspace = Workspace()
    let sampler = try SamplerKind.repaint.make(.stableDiffusion, steps: 20, strength: 1)
    let rePaint = try RePaint(sampler, jumpLength: 10, jumpSamples: 10)
    var generator = TorchGenerator(seed: 1)
    func draw() -> Tensor { generator.normal([1, 64, 64, 4], in: workspace) }
    let known = Tensor([1, 64, 64, 4], repeating: 0, in: workspace)
    let hole = Tensor([1, 64, 64, 1], repeating: 1, in: workspace)
    let schedule = try NoiseSchedule(.stableDiffusion, terminal: nil)
    var calls = 0
    let x = try rePaint.denoised(draw(), known: known, hole: Hole(hole), noise: draw) { x, timestep in
      let deviation = Double(1 - schedule.alphasCumprod[Int(timestep)]).squareRoot()
      let measured = (x.array.reduce(0) { $0 + Double($1 * $1) } / Double(x.count)).squareRoot()
      let largest = calls == 0 ? 0.1 : 0.02  // it begins with noise alone
      #expect(abs(measured / deviation - 1) < largest, "call \(calls): \(measured), expected \(deviation)")
      calls += 1
      return linearCombination((1 / deviation, x))  // all of it is noise
    }
    #expect(calls == 110 && x.array.allSatisfy { abs($0) < 1e-5 })
  }

  @Test func whatIsKnownEndsAsItIs() throws {
    let workspace = Workspace()
    let file = try Fixture("samplers/repaint.safetensors")
    let (known, hole) = (try file.tensor("start", in: workspace), try file.tensor("hole", in: workspace))
    let sampler = try SamplerKind.repaint.make(.stableDiffusion, steps: 6, strength: 0.5)
    let rePaint = try RePaint(sampler, jumpLength: 1, jumpSamples: 3)
    #expect(sampler.timesteps.first == 2 * 166 && rePaint.count == 3 + 2 * 2)
    var generator = TorchGenerator(seed: 6)
    func draw() -> Tensor { generator.normal([1, 3, 5, 4], in: workspace) }
    let start = sampler.level(at: 0).noised(known, with: draw())
    let x = try rePaint.denoised(start, known: known, hole: Hole(hole), noise: draw) { x, _ in x }
    for cell in 0..<hole.count {
      let isKnown = (0..<4).allSatisfy { x.array[cell * 4 + $0] == known.array[cell * 4 + $0] }
      #expect(isKnown == (hole.array[cell] == 0), "cell \(cell)")
    }
  }

  @Test(arguments: [(0, 10), (10, 0), (-1, -1)]) func jumpsOfNothingAreErrors(length: Int, samples: Int) throws {
    let sampler = try SamplerKind.repaint.make(.stableDiffusion, steps: 5, strength: 1)
    #expect(throws: SamplingError.self) { try RePaint(sampler, jumpLength: length, jumpSamples: samples) }
  }
}
