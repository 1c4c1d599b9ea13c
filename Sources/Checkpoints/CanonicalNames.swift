/// Names that the same tensors have had in different versions of diffusers and transformers, in the newest terms.
enum CanonicalNames {
  /// nil for buffers that are no weights.
  static func name(_ stored: String, part: String) -> String? {
    switch part {
    case "text_encoder":
      // transformers before version 5 put everything under `text_model`, and stored the positions' indices.
      let name = stored.removingPrefix("text_model.") ?? stored
      return name == "embeddings.position_ids" ? nil : name
    case "vae":
      return autoencoderAttention(stored)
    case "harmonizing_decoder":
      return HarmonizingDecoderNames.name(stored)
    default:
      return stored
    }
  }

  /// diffusers before 0.18: query, key, value, proj_attn; LDM: norm, q, k, v, proj_out.
  private static let attentionLayers = [
    "norm": "group_norm", "query": "to_q", "q": "to_q", "key": "to_k", "k": "to_k", "value": "to_v", "v": "to_v",
    "proj_attn": "to_out.0", "proj_out": "to_out.0",
  ]

  static func autoencoderAttention(_ stored: String) -> String {
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
  func removingPrefix(_ prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
  }
}
