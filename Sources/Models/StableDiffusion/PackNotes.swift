// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

extension OpenedPack {
  /// Whether its UNet was distilled to few steps, and is told its guidance (Luo et al. 2023); false for one that
  /// `ModelSummary` refuses.
  public var hasConsistencyModel: Bool {
    (try? has(UNetConfiguration.part) ? UNetConfiguration(self) : nil)??.timeConditionWidth != nil
  }

  /// What is taken for granted where a folder of Stable Diffusion does not say it, a sentence each.  Empty for a one-file
  /// checkpoint, which never says it.
  ///
  /// Throws `CheckpointError` where the system does not say what is there.
  public func assumptions() throws -> [String] {
    guard !isOneFile else { return [] }
    var notes: [String] = []
    if !hasFolder("scheduler") {
      notes.append(
        "no scheduler/scheduler_config.json: epsilon prediction and Stable Diffusion's schedule are assumed, which are "
          + "wrong for a model of v-prediction")
    }
    if has(TextEncoderConfiguration.part), try file("tokenizer/merges.txt") == nil, try file("tokenizer/vocab.json") == nil {
      notes.append("no tokenizer/merges.txt and vocab.json: CLIP's vocabulary is assumed")
    }
    return notes
  }
}
