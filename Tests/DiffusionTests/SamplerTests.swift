// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import Testing
import TestSupport

@testable import Diffusion
@testable import Numerics

/// Samplers against diffusers.
@Suite struct SamplerTests {
  struct Case: CustomTestStringConvertible {
    let key: String
    let kind: SamplerKind
    let configuration: SchedulerConfiguration
    let steps: Int
    let strength: Double
    let eta: Double?
    let timesteps: [Float]
    var testDescription: String { key }

    /// `key`: SAMPLER/CONFIGURATION/PREDICTION/STEPS/STRENGTH, and /ETA where it is not the sampler's own
    init?(key: String, timesteps: JSON, configurations: JSON) {
      let parts = key.split(separator: "/").map(String.init)
      guard (5...6).contains(parts.count), let kind = SamplerKind(rawValue: parts[0]),
        var members = configurations[parts[1]]?.object, let steps = Int(parts[3]), let strength = Double(parts[4]),
        let timesteps = timesteps.array?.compactMap(\.double)
      else { return nil }
      members["prediction_type"] = .string(parts[2])
      self.key = key
      self.kind = kind
      configuration = SchedulerConfiguration(.object(members))
      self.steps = steps
      self.strength = strength
      eta = parts.count == 6 ? Double(parts[5]) : nil
      self.timesteps = timesteps.map { Float($0) }
    }
  }

  static let cases: [Case] = {
    guard let text = String(validating: fileBytes("samplers/cases.json"), as: UTF8.self),
      let json = try? JSON(parsing: text, source: "cases.json"), let configurations = json["configurations"]
    else { return [] }
    return (json["cases"]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap {
      Case(key: $0, timesteps: $1, configurations: configurations)
    }
  }()

  /// Where no noise is added.
  private func unused() -> Tensor {
    Issue.record("a draw that diffusers does not make")
    return Tensor([1], repeating: 0, in: Workspace())
  }

  @Test func thereAreCases() { #expect(Self.cases.count > 700) }

  @Test(arguments: cases) func endsWhereDiffusersEnds(_ test: Case) throws {
    let workspace = Workspace()
    let reference = try Fixture("samplers/cases.safetensors")
    var sampler = try test.kind.make(test.configuration, steps: test.steps, strength: test.strength, eta: test.eta)
    try #require(sampler.timesteps.count == test.timesteps.count)
    for (index, (timestep, expected)) in zip(sampler.timesteps, test.timesteps).enumerated() {
      #expect(abs(timestep - expected) < 1e-3, "timestep \(index)")
    }
    guard !test.timesteps.isEmpty else { return }

    let noise = try reference.tensor("noise", in: workspace)
    let expected = try reference.tensor(test.key, in: workspace)
    let kept = expected.dim(0)  // the last results
    // Euler's latents begin as large as their sigma, which is 15 for SD but thousands for schedules that end in pure
    // noise.  Both sides' float32 is rounded at that size before it is small.
    let limit = 1e-5 * max(1, Double(sampler.initialNoiseSigma) / 500)
    var generator = TorchGenerator(seed: 6)
    let draws = test.eta.map { $0 > 0 } ?? [.lcm, .tcd, .eulerAncestral, .dpmpp2MSDE].contains(test.kind)
      || test.key.hasPrefix("dpmpp-2m/sde/") || test.key.hasPrefix("dpmpp-2m-karras/sde/")
    let draw = { draws ? generator.normal(noise.shape, in: workspace) : unused() }
    var x = test.strength < 1
      ? sampler.level(at: 0).noised(try reference.tensor("start", in: workspace), with: noise)
      : linearCombination((Double(sampler.initialNoiseSigma), noise))
    for (step, timestep) in sampler.timesteps.enumerated() {
      let output = linearCombination((0.5, sampler.scaled(x, at: step)))
      for index in 0..<output.count { output.pointer[index] += timestep / 1000 - 0.3 }
      x = sampler.step(output, x, at: step, noise: draw)
      let image = step - (test.timesteps.count - kept)
      if image >= 0 {
        #expect(mismatch(x, expected[image: image], limit: limit, "\(test.key), step \(step)") == nil)
      }
    }
  }

  struct Refusal: CustomTestStringConvertible {
    let kind: SamplerKind
    let key: String
    let value: JSON
    /// How the message shows the value.
    let shown: String
    var testDescription: String { "\(kind) \(key) \(shown)" }
  }

  static let dpmSolvers: [SamplerKind] = [.dpmpp2M, .dpmpp2MKarras, .dpmpp2MSDE]
  static let multistep = dpmSolvers + [.unipc, .deis]

  static let refusals: [Refusal] =
    SamplerKind.allCases.flatMap { kind in
      [
        Refusal(kind: kind, key: "prediction_type", value: .string("flow_prediction"), shown: "flow_prediction"),
        Refusal(kind: kind, key: "beta_schedule", value: .string("laplace"), shown: "laplace"),
        Refusal(kind: kind, key: "beta_schedule", value: .integer(3), shown: "another type"),
        Refusal(kind: kind, key: "num_train_timesteps", value: .integer(1 << 40), shown: "1099511627776"),
        Refusal(kind: kind, key: "num_train_timesteps", value: .integer(0), shown: "0"),
        Refusal(kind: kind, key: "beta_end", value: .number(.infinity), shown: "inf"),
        Refusal(kind: kind, key: "beta_start", value: .number(.nan), shown: "nan"),
        Refusal(kind: kind, key: "trained_betas", value: .array([.number(0.1)]), shown: "1000 numbers"),
      ]
    } + SamplerKind.allCases.filter { ![.repaint, .lcm, .tcd].contains($0) }.flatMap { kind in
      [
        Refusal(kind: kind, key: "timestep_spacing", value: .string("random"), shown: "random"),
        Refusal(kind: kind, key: "steps_offset", value: .integer(-7), shown: "-7"),
      ]
    } + ([.ddim, .lcm] + multistep).map {
      Refusal(kind: $0, key: "thresholding", value: .bool(true), shown: "true")
    } + multistep.flatMap { kind in
      [
        Refusal(kind: kind, key: "solver_order", value: .integer(3), shown: "3"),
        Refusal(kind: kind, key: "solver_type", value: .string("rk4"), shown: "rk4"),
        Refusal(kind: kind, key: "use_flow_sigmas", value: .bool(true), shown: "true"),
      ]
    } + ([.euler, .heun] + multistep).map {
      Refusal(kind: $0, key: "use_beta_sigmas", value: .bool(true), shown: "true")
    } + ([.euler] + multistep).filter { $0 != .deis }.map {
      Refusal(kind: $0, key: "final_sigmas_type", value: .string("one"), shown: "one")
    } + dpmSolvers.map {
      Refusal(kind: $0, key: "lambda_min_clipped", value: .number(.infinity), shown: "inf")
    } + [SamplerKind.lcm, .tcd].flatMap { kind in
      [
        Refusal(kind: kind, key: "rescale_betas_zero_snr", value: .bool(true), shown: "nothing of the picture"),
        Refusal(kind: kind, key: "original_inference_steps", value: .integer(1001), shown: "1001"),
        Refusal(kind: kind, key: "original_inference_steps", value: .integer(0), shown: "0"),
      ]
    } + [
      Refusal(kind: .lcm, key: "timestep_scaling", value: .number(.infinity), shown: "inf"),
      Refusal(kind: .pndm, key: "prediction_type", value: .string("sample"), shown: "sample"),
      Refusal(kind: .eulerAncestral, key: "prediction_type", value: .string("sample"), shown: "sample"),
      Refusal(kind: .dpmpp2M, key: "algorithm_type", value: .string("sde-dpmsolver"), shown: "sde-dpmsolver"),
      Refusal(kind: .dpmpp2MKarras, key: "algorithm_type", value: .string("dpmsolver"), shown: "dpmsolver"),
      Refusal(kind: .deis, key: "algorithm_type", value: .string("sde-dpmsolver++"), shown: "sde-dpmsolver++"),
      Refusal(kind: .unipc, key: "predict_x0", value: .bool(false), shown: "false"),
      Refusal(kind: .euler, key: "interpolation_type", value: .string("log_linear"), shown: "log_linear"),
      Refusal(kind: .euler, key: "timestep_type", value: .string("continuous"), shown: "continuous"),
      Refusal(kind: .repaint, key: "eta", value: .number(1.5), shown: "1.5"),
    ]

  @Test(arguments: refusals) func whatIsNotImplementedIsRefusedByNameAndValue(_ test: Refusal) throws {
    let configuration = SchedulerConfiguration(.object([test.key: test.value]), source: "pack/scheduler")
    let error = #expect(throws: (any Error).self) { try test.kind.make(configuration, steps: 5, strength: 1) }
    let message = "\(try #require(error))"
    #expect(message.contains("pack/scheduler") && message.contains(test.shown), "\(message)")
    #expect(message.contains(test.key), "\(message)")
  }

  @Test(arguments: SamplerKind.allCases) func keysOfOtherSamplersAreLeftAlone(_ kind: SamplerKind) throws {
    let others = Self.refusals.filter { refusal in
      !Self.refusals.contains { $0.kind == kind && $0.key == refusal.key }
    }
    let members = Dictionary(others.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    #expect(throws: Never.self) { try kind.make(SchedulerConfiguration(.object(members)), steps: 5, strength: 1) }
  }

  @Test(arguments: SamplerKind.allCases, ["linspace", "leading", "trailing"])
  func everyNumberOfStepsMakesASamplerOrSaysItsLimit(_ kind: SamplerKind, _ spacing: String) throws {
    for train in [2, 3, 5, 10, 77, 1000] {
      for steps in [0, 1, 2, 3, 4, 5, 9, 10, 11, 76, 77, 78, 150] {
        for strength in [0, 0.3, 1] {
          for offset in [0, 1] {
            let configuration = SchedulerConfiguration(
              .object([
                "num_train_timesteps": .integer(train), "timestep_spacing": .string(spacing),
                "steps_offset": .integer(offset),
              ]))
            do {
              let workspace = Workspace()
              var sampler = try kind.make(configuration, steps: steps, strength: strength)
              guard !sampler.timesteps.isEmpty else { continue }
              let ones = Tensor([1, 1, 1, 1], repeating: 1, in: workspace)
              var x = sampler.level(at: 0).noised(ones, with: ones)
              for step in sampler.timesteps.indices {
                x = sampler.step(sampler.scaled(x, at: step), x, at: step, noise: { ones })
              }
              // diffusers has no number either where the offset leads beyond the schedule: two of its sigmas are one.
              #expect(
                x.array[0].isFinite || sampler.timesteps[0] >= Float(train),
                "\(steps) of \(train) steps, strength \(strength), offset \(offset)")
            } catch { #expect("\(error)".contains("\(steps) steps"), "\(error)") }
          }
        }
      }
    }
  }

  /// 61, 103, 121 and 122 trailing steps are one more in floating point.
  @Test(arguments: SamplerKind.allCases, ["linspace", "leading", "trailing"])
  func everyNumberOfStepsStaysOnTheSchedule(_ kind: SamplerKind, _ spacing: String) throws {
    let configuration = SchedulerConfiguration(
      .object(["timestep_spacing": .string(spacing), "steps_offset": .integer(1), "prediction_type": .string("epsilon")]))
    for steps in 4...([.lcm, .tcd].contains(kind) ? 50 : 150) {
      let timesteps = try kind.make(configuration, steps: steps, strength: 1).timesteps
      #expect(timesteps.allSatisfy { (0..<1000).contains($0) }, "\(steps) steps: \(timesteps)")
    }
  }

  @Test(arguments: [-1, 1.5, .nan, .infinity] as [Double]) func strengthAndEtaAreShares(_ share: Double) {
    #expect(throws: SamplingError.self) { try SamplerKind.ddim.make(.stableDiffusion, steps: 5, strength: share) }
    #expect(throws: SamplingError.self) { try SamplerKind.tcd.make(.stableDiffusion, steps: 5, strength: 1, eta: share) }
  }

  @Test(arguments: [SamplerKind.lcm, .tcd]) func moreStepsThanAModelWasDistilledFromAreTooMany(_ kind: SamplerKind) throws {
    #expect(try kind.make(.stableDiffusion, steps: 50, strength: 1).timesteps.count == 50)
    let error = #expect(throws: SamplingError.self) { try kind.make(.stableDiffusion, steps: 51, strength: 1) }
    #expect(try #require(error).description.contains("1 to 50"))
  }

  @Test(arguments: Spacing.allCases) func aSpacingTakesThePlaceOfTheConfigurations(_ spacing: Spacing) throws {
    var settings = SamplingSettings()
    (settings.steps, settings.sampler, settings.spacing) = (4, .ddim, spacing)
    var timesteps: [Float] = []
    let ones = Tensor([1, 1, 1, 1], repeating: 1, in: Workspace())
    _ = try DenoisingLoop(.stableDiffusion, settings)(nil, hole: Hole(ones), noise: { ones }) {
      timesteps.append($1)
      return $0
    }
    let expected: [Spacing: [Float]] = [.trailing: [999, 749, 499, 249], .linspace: [999, 666, 333, 0]]
    #expect(timesteps == expected[spacing] ?? [751, 501, 251, 1])
  }

  @Test func noSignalAtTheFirstStepIsAnErrorWhereTheOutputIsNoise() throws {
    let configuration = SchedulerConfiguration(
      .object(["rescale_betas_zero_snr": .bool(true), "timestep_spacing": .string("trailing")]))
    #expect(throws: CheckpointError.self) { try SamplerKind.ddim.make(configuration, steps: 5, strength: 1) }
  }

  /// diffusers ends with no number here.
  @Test(arguments: ["bh1", "bh2"]) func unipcEndsInAPictureWhereItsOrderIsNotLowered(_ type: String) throws {
    let workspace = Workspace()
    let configuration = SchedulerConfiguration(
      .object(["lower_order_final": .bool(false), "solver_type": .string(type)]))
    var sampler = try SamplerKind.unipc.make(configuration, steps: 5, strength: 1)
    var x = Tensor([1], repeating: 1, in: workspace)
    for step in sampler.timesteps.indices { x = sampler.step(x, x, at: step, noise: unused) }
    #expect(x.array[0].isFinite)
  }
}
