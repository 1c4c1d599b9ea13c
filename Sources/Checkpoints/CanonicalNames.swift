// SPDX-License-Identifier: LGPL-3.0-or-later
/// Names that the same tensors have had in different versions of diffusers and transformers, in the newest terms.
package enum CanonicalNames {
  /// Of CLIP's text encoder; nil for a buffer that is no weight.
  ///
  /// transformers before version 5 put everything under `text_model`, and stored the positions' indices.
  package static func textEncoder(_ stored: String) -> String? {
    let name = stored.removingPrefix("text_model.") ?? stored
    return name == "embeddings.position_ids" ? nil : name
  }

  /// diffusers before 0.18: query, key, value, proj_attn; LDM: norm, q, k, v, proj_out.
  private static let attentionLayers = [
    "norm": "group_norm", "query": "to_q", "q": "to_q", "key": "to_k", "k": "to_k", "value": "to_v", "v": "to_v",
    "proj_attn": "to_out.0", "proj_out": "to_out.0",
  ]

  /// Of the KL autoencoder.
  package static func autoencoder(_ stored: String) -> String {
    for side in ["encoder", "decoder"] {
      let path = side + ".mid_block.attentions.0."
      guard let inner = stored.removingPrefix(path)?.split(separator: ".", maxSplits: 1), inner.count == 2,
        let layer = attentionLayers[String(inner[0])]
      else { continue }
      return path + layer + "." + inner[1]
    }
    return stored
  }
}

extension String {
  /// Compares bytes, not characters: an accent behind the prefix is part of the rest.
  package func removingPrefix(_ prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
  }
}
