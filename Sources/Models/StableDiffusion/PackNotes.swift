// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

extension OpenedPack {
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
