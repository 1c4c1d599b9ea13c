extension String {
  func removingPrefix(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}

/// Names that the same tensors have had in different versions of diffusers and transformers, in the newest terms.
enum CanonicalNames {
  /// nil for buffers that are no weights.
  static func name(_ stored: String, part: String) -> String? {
    switch part {
    case "text_encoder":
      // transformers before version 5 put everything under `text_model`, and stored the position's indices.
      if stored.hasSuffix("position_ids") { return nil }
      return stored.removingPrefix("text_model.") ?? stored
    case "vae":
      return autoencoderAttention(stored)
    default:
      return stored
    }
  }

  /// diffusers before 0.18: query, key, value, proj_attn; LDM: norm, q, k, v, proj_out.
  private static func autoencoderAttention(_ stored: String) -> String {
    let marker = ".mid_block.attentions.0."
    guard let range = stored.ranges(of: marker).first else { return stored }
    let inner = stored[range.upperBound...].split(separator: ".", maxSplits: 1)
    let names = [
      "norm": "group_norm", "query": "to_q", "q": "to_q", "key": "to_k", "k": "to_k", "value": "to_v", "v": "to_v",
      "proj_attn": "to_out.0", "proj_out": "to_out.0",
    ]
    guard inner.count == 2, let name = names[String(inner[0])] else { return stored }
    return stored[..<range.upperBound] + name + "." + inner[1]
  }
}
