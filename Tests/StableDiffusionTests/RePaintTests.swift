import Checkpoints
import Testing
import TestSupport

@testable import Numerics
@testable import StableDiffusion

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
    var sampler = try SamplerKind.repaint.make(
      configuration, steps: numbers[0], strength: 1, jumpLength: numbers[1], jumpSamples: numbers[2])
    let timesteps = try #require(Self.reference["cases"]?[key]?.array).compactMap(\.double)
    #expect(sampler.timesteps.map(Double.init) == timesteps)

    let workspace = Workspace()
    let file = try Fixture("samplers/repaint.safetensors")
    var generator = TorchGenerator(seed: 6)
    sampler.hold(try file.tensor("start", in: workspace), hole: try file.tensor("hole", in: workspace)) {
      generator.latents(height: 3, width: 5, channels: 4, in: workspace)
    }
    var x = try file.tensor("noise", in: workspace)
    for (step, timestep) in sampler.timesteps.enumerated() {
      let output = combine((0.5, x))
      for index in 0..<output.count { output.pointer[index] += timestep / 1000 - 0.3 }
      x = sampler.step(output, x, at: step)
    }
    #expect(mismatch(x, try file.tensor(key, in: workspace), limit: 1e-5, key) == nil)
  }

  /// The paper's settings, and those of Stable Diffusion's pipeline with it.
  @Test(arguments: [
    (250, 10, 10, 2410, 2160), (50, 10, 10, 410, 360), (20, 10, 10, 110, 90), (10, 10, 10, 10, 0), (5, 10, 10, 5, 0),
    (50, 10, 1, 50, 0), (3, 1, 2, 5, 2),
  ])
  func theWalkIsAsLongAsThePapers(steps: Int, length: Int, samples: Int, denoised: Int, undone: Int) {
    let walk = JumpWalk.steps(steps, jumpLength: length, jumpSamples: samples)
    #expect(walk.count == denoised)
    #expect(walk.reduce(0) { $0 + $1.stepsBack } == undone)
    // Each step begins where the one before has ended, and none above the grid.
    for (step, next) in zip(walk, walk.dropFirst()) { #expect(next.level == step.level - 1 + step.stepsBack) }
    #expect(walk.first?.level == steps - 1 && walk.last == JumpWalk.Step(level: 0, stepsBack: 0))
  }

  /// A UNet that knows its picture is given the noise that it is told of: behind jumps, too.
  @Test func afterAJumpThereIsAsMuchNoiseAsTheScheduleSays() throws {
    let workspace = Workspace()
    var sampler = try SamplerKind.repaint.make(.stableDiffusion, steps: 20, strength: 1)
    var generator = TorchGenerator(seed: 1)
    func draw() -> Tensor { generator.latents(height: 64, width: 64, channels: 4, in: workspace) }
    let picture = Tensor([1, 64, 64, 4], repeating: 0, in: workspace)
    sampler.hold(picture, hole: Tensor([1, 64, 64, 1], repeating: 1, in: workspace), noise: draw)
    let schedule = try NoiseSchedule(.stableDiffusion, terminal: nil)
    var x = draw()
    for (step, timestep) in sampler.timesteps.enumerated() {
      let deviation = Double(1 - schedule.alphasCumprod[Int(timestep)]).squareRoot()
      let measured = (x.array.reduce(0) { $0 + Double($1 * $1) } / Double(x.count)).squareRoot()
      let largest = step == 0 ? 0.1 : 0.02  // it begins with noise alone
      #expect(abs(measured / deviation - 1) < largest, "step \(step): \(measured), expected \(deviation)")
      x = sampler.step(combine((1 / deviation, x)), x, at: step)  // all of it is noise
    }
    #expect(x.array.allSatisfy { abs($0) < 1e-5 })
  }

  @Test func whatIsKnownEndsAsItIs() throws {
    let workspace = Workspace()
    let file = try Fixture("samplers/repaint.safetensors")
    let (known, hole) = (try file.tensor("start", in: workspace), try file.tensor("hole", in: workspace))
    var sampler = try SamplerKind.repaint.make(.stableDiffusion, steps: 6, strength: 0.5, jumpLength: 1, jumpSamples: 3)
    #expect(sampler.timesteps.first == 2 * 166 && sampler.timesteps.count == 3 + 2 * 2)
    var generator = TorchGenerator(seed: 6)
    func draw() -> Tensor { generator.latents(height: 3, width: 5, channels: 4, in: workspace) }
    sampler.hold(known, hole: hole, noise: draw)
    var x = sampler.noised(known, with: draw())
    for step in sampler.timesteps.indices { x = sampler.step(x, x, at: step) }
    for cell in 0..<hole.count {
      let isKnown = (0..<4).allSatisfy { x.array[cell * 4 + $0] == known.array[cell * 4 + $0] }
      #expect(isKnown == (hole.array[cell] == 0), "cell \(cell)")
    }
  }

  @Test(arguments: [(0, 10), (10, 0), (-1, -1)]) func jumpsOfNothingAreErrors(length: Int, samples: Int) {
    #expect(throws: CheckpointError.self) {
      try SamplerKind.repaint.make(.stableDiffusion, steps: 5, strength: 1, jumpLength: length, jumpSamples: samples)
    }
  }
}
