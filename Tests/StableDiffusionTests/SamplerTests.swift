import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import StableDiffusion

/// Samplers and noise against diffusers and PyTorch.
@Suite struct SamplerTests {
  struct Case: CustomTestStringConvertible {
    let key: String
    let json: JSON
    let configuration: SchedulerConfiguration
    var testDescription: String { key }
  }

  static let cases: [Case] = {
    guard let text = String(validating: fileBytes("samplers/cases.json"), as: UTF8.self),
      let json = try? JSON(parsing: text, source: "cases.json"), let configurations = json["configurations"]?.object
    else { return [] }
    return json["cases"]!.object!.sorted { $0.key < $1.key }.map { key, value in
      var members = configurations[value["configuration"]!.string!]!.object!
      members["prediction_type"] = value["prediction"]
      return Case(key: key, json: value, configuration: SchedulerConfiguration(.object(members)))
    }
  }()

  @Test func thereAreCases() { #expect(Self.cases.count > 200) }

  @Test(arguments: cases) func endsWhereDiffusersEnds(_ test: Case) throws {
    let workspace = Workspace()
    let reference = try Fixture("samplers/cases.safetensors")
    let steps = try #require(test.json["steps"]?.int)
    let strength = try #require(test.json["strength"]?.double)
    var sampler = try #require(SamplerKind(rawValue: test.json["sampler"]!.string!)).make(
      test.configuration, steps: steps, strength: strength)
    let timesteps = test.json["timesteps"]!.array!.map { Float($0.double!) }
    #expect(sampler.timesteps.count == timesteps.count)
    #expect(zip(sampler.timesteps, timesteps).allSatisfy { abs($0 - $1) < 1e-3 }, "\(sampler.timesteps)")
    guard !timesteps.isEmpty, sampler.timesteps.count == timesteps.count else { return }

    let noise = try reference.tensor("noise", in: workspace)
    var x = strength < 1
      ? sampler.noised(try reference.tensor("start", in: workspace), with: noise)
      : combine((Double(sampler.initialNoiseSigma), noise))
    for (step, timestep) in sampler.timesteps.enumerated() {
      let output = combine((0.5, sampler.scaled(x, at: step)))
      for index in 0..<output.count { output.pointer[index] += timestep / 1000 - 0.3 }
      x = sampler.step(output, x, at: step)
    }
    #expect(try mismatch(x, reference.tensor(test.key, in: workspace), limit: 2e-5, test.key) == nil)
  }

  @Test(arguments: [0, 1, 42, 1 << 32 - 1, 1 << 32 + 5, 1 << 63] as [UInt64], [1, 5, 15, 16, 17, 31, 700])
  func noiseIsTorchs(seed: UInt64, count: Int) throws {
    let expected = try Fixture("samplers/noise.safetensors").tensor("\(seed)/\(count)", in: Workspace()).array
    var generator = TorchGenerator(seed: seed)
    let drawn = generator.normal(count)
    #expect(zip(drawn, expected).allSatisfy { abs($0 - $1) <= 2e-6 }, "\(drawn.prefix(4)) \(expected.prefix(4))")
  }

  @Test(arguments: [0, 42, 1 << 63] as [UInt64]) func successiveDrawsContinue(seed: UInt64) throws {
    let expected = try Fixture("samplers/noise.safetensors").tensor("\(seed)/successive", in: Workspace()).array
    var generator = TorchGenerator(seed: seed)
    let drawn = [3, 20, 5, 16, 33].flatMap { generator.normal($0) }
    #expect(zip(drawn, expected).allSatisfy { abs($0 - $1) <= 2e-6 })
  }

  @Test func whatIsNotImplementedIsRefusedByName() {
    let configuration = SchedulerConfiguration(.object(["thresholding": .bool(true)]))
    #expect(throws: CheckpointError.self) { try SamplerKind.ddim.make(configuration, steps: 5, strength: 1) }
  }
}
