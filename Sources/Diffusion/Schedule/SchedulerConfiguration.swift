// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// A pack's `scheduler_config.json`, read as diffusers' `from_config` does: keys that it has carry over to any sampler,
/// absent ones take that sampler's own defaults, and keys that a sampler does not know are left alone.
public struct SchedulerConfiguration: Sendable {
  let json: JSON
  private let source: String

  /// `source` names the file in errors.
  public init(_ json: JSON, source: String = "scheduler") {
    self.json = json
    self.source = source
  }

  /// The schedule of one-file Stable Diffusion checkpoints.
  public static let stableDiffusion = SchedulerConfiguration(
    .object([
      "beta_schedule": .string("scaled_linear"), "beta_start": .number(0.00085), "beta_end": .number(0.012),
      "num_train_timesteps": .integer(1000), "steps_offset": .integer(1), "set_alpha_to_one": .bool(false),
      "clip_sample": .bool(false), "prediction_type": .string("epsilon"), "skip_prk_steps": .bool(true),
    ]))

  /// The same with values of one sampler's, whatever the file has.
  func setting(_ values: [String: JSON]) -> Self {
    Self(.object((json.object ?? [:]).merging(values) { $1 }), source: source)
  }

  /// The same with a sampler's own defaults for keys that are absent.
  func filling(_ defaults: [String: JSON]) -> Self { setting(defaults.filter { json[$0.key] == nil }) }

  func error(_ message: String) -> CheckpointError { CheckpointError("\(source): \(message)") }

  /// Steps that do not fit what the configuration says.
  func stepsError(_ message: String) -> SamplingError { SamplingError("\(source): \(message)") }

  func tooManySteps(_ steps: Int, limit: Int) -> SamplingError {
    stepsError("\(steps) steps; with this model there can be 1 to \(limit)")
  }

  // MARK: - Values

  func bool(_ key: String, or fallback: Bool) throws -> Bool { try value(key, \.bool) ?? fallback }
  func int(_ key: String, or fallback: Int) throws -> Int { try value(key, \.int) ?? fallback }
  func double(_ key: String, or fallback: Double) throws -> Double { try value(key, \.double) ?? fallback }

  /// One of `choices`.
  func string(_ key: String, or fallback: String, of choices: [String]) throws -> String {
    let value = try value(key, \.string) ?? fallback
    guard choices.contains(value) else {
      throw error("\"\(key)\" \"\(value.prefix(100))\" is not supported, only \(choices.joined(separator: ", "))")
    }
    return value
  }

  func predictionType() throws -> PredictionType {
    let name = try string("prediction_type", or: "epsilon", of: PredictionType.allCases.map(\.rawValue))
    return PredictionType(rawValue: name) ?? .epsilon
  }

  /// How far from 0 a predicted x_0 may be; nil for any distance.
  func clip(byDefault: Bool) throws -> Double? {
    try bool("clip_sample", or: byDefault) ? double("clip_sample_range", or: 1) : nil
  }

  /// A number greater than 0 that may be missing.
  func positive(_ key: String) throws -> Double? {
    guard let value = try value(key, \.double) else { return nil }
    guard value > 0, value.isFinite else { throw error("\"\(key)\" must be greater than 0, not \(value)") }
    return value
  }

  /// Throws where a switch that would change the result and is not implemented is on.
  func refuse(_ keys: String...) throws {
    for key in keys where try bool(key, or: false) {
      throw error("\"\(key)\" true is not supported; use another sampler")
    }
  }

  /// nil where the key is absent or null.
  private func value<Value>(_ key: String, _ reader: KeyPath<JSON, Value?>) throws -> Value? {
    guard let member = json[key] else { return nil }
    guard let value = member[keyPath: reader] else { throw error("\"\(key)\" has a value of another type") }
    return value
  }
}
