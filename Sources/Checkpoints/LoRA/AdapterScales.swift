// SPDX-License-Identifier: LGPL-3.0-or-later
/// What PEFT says of an adapter's scales in a file's metadata: alpha / rank, or alpha / sqrt(rank) (Kalajdzievski
/// 2023).
///
/// Facts: huggingface/diffusers, `loaders/lora_base.py` (`lora_adapter_metadata`, keys with the part's name before
/// them); huggingface/peft, `LoraConfig`.
struct AdapterScales {
  private let configuration: JSON

  /// Throws `CheckpointError` where there is such metadata and it is no JSON.
  init(_ source: any TensorSource) throws {
    configuration = try source.metadata["lora_adapter_metadata"].map {
      try JSON(parsing: $0, source: source.path + ": lora_adapter_metadata")
    } ?? .null
  }

  /// 1 where the file says nothing: diffusers counts alpha as the rank.
  func scale(_ part: LoRA.Part, _ path: String, rank: Int) -> Float {
    func value(_ key: String) -> JSON? { configuration[part.rawValue + "." + key] ?? configuration[key] }
    // A pattern is the end of a path; of several the longest holds, since a JSON object has no order to go by.
    let patterns = value("alpha_pattern")?.object?.filter { path == $0.key || path.hasSuffix("." + $0.key) }
    let pattern = patterns?.max { $0.key.utf8.count < $1.key.utf8.count }
    guard let alpha = pattern?.value.double ?? value("lora_alpha")?.double else { return 1 }
    let divisor = value("use_rslora")?.bool == true ? Float(rank).squareRoot() : Float(rank)
    return Float(alpha) / divisor
  }
}
