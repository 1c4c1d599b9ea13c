// SPDX-License-Identifier: LGPL-3.0-or-later
/// LoRA layouts in which a tensor's name has the path of its layer.
///
/// | layout | names |
/// |---|---|
/// | diffusers, PEFT | `unet.PATH.lora_A.weight`, `.lora_B.weight`; `unet.PATH.lora.down.weight`, `.up.weight` |
/// | diffusers, attention processors | `unet.….attn1.processor.to_q_lora.down.weight`, also without `unet.` |
/// | kohya-ss (also LoCon) | `lora_unet_PATH_WITH_UNDERSCORES.lora_down.weight`, `.lora_up.weight`, `.alpha`, original or diffusers paths |
/// | injected (LeftRefill) | `PATH.lora_down.weight` beside `PATH.linear.weight`, original or diffusers paths |
///
/// Facts: huggingface/diffusers, `loaders/lora_conversion_utils.py` and `utils/state_dict_utils.py`.
enum LoRANames {
  private enum Role { case down, up, alpha }

  private static let suffixes: [(text: String, role: Role)] = [
    (".lora_A.weight", .down), (".lora_B.weight", .up), (".lora_A.default.weight", .down),
    (".lora_B.default.weight", .up), (".lora_down.weight", .down), (".lora_up.weight", .up),
    (".lora.down.weight", .down), (".lora.up.weight", .up), (".lora_linear_layer.down.weight", .down),
    (".lora_linear_layer.up.weight", .up), ("_lora.down.weight", .down), ("_lora.up.weight", .up), (".alpha", .alpha),
  ]

  /// Other decompositions than up x down (DoRA, CP, LoHa, LoKr, biases).
  private static let unsupported = [
    "dora_scale", "lora_magnitude_vector", "lora_mid", "hada_w", "lokr_w", "lora_B.bias", "lora_te2_",
  ]

  /// Throws `CheckpointError` for a tensor that is no LoRA's, and for a layer that the model does not have.
  static func entries(of source: any TensorSource, layers: [LoRA.Part: [LayerShape]]) throws -> [LoRAEntry] {
    let index = Index(layers)
    // A whole model's checkpoint, in which all else is the model's own.
    let isInjected = source.tensors.keys.contains { name in
      name.hasSuffix(".lora_down.weight") && !name.hasPrefix("lora_")
    }
    var entries: [String: LoRAEntry] = [:]
    for name in source.tensors.keys.sorted() {
      if let kind = unsupported.first(where: name.contains) {
        throw CheckpointError("\(source.path): tensor \(name): a LoRA with \(kind) is not supported")
      }
      guard let (text, role) = suffixes.first(where: { name.hasSuffix($0.text) }) else {
        if isInjected { continue }
        throw CheckpointError("\(source.path): tensor \(name) is not of a LoRA whose layout is known")
      }
      let stem = String(name.dropLast(text.count))
      guard let (part, layer) = index.layer(stem) else {
        throw CheckpointError(
          "\(source.path): a LoRA of \(stem), which the model does not have; it was made for another model")
      }
      let key = part.rawValue + "." + layer.path
      var entry = entries[key] ?? LoRAEntry(part: part, layer: layer)
      let earlier: String?
      switch role {
      case .down: (earlier, entry.down) = (entry.down, name)
      case .up: (earlier, entry.up) = (entry.up, name)
      case .alpha: (earlier, entry.alpha) = (entry.alpha, name)
      }
      if let earlier { throw CheckpointError("\(source.path): tensors \(earlier) and \(name) are the same layer's") }
      entries[key] = entry
    }
    return entries.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A model's layers by every name that LoRAs have for them.
  private struct Index {
    private var dotted: [LoRA.Part: [String: LayerShape]] = [:]
    private var underscored: [LoRA.Part: [String: LayerShape]] = [:]

    init(_ layers: [LoRA.Part: [LayerShape]]) {
      for (part, layers) in layers {
        for layer in layers {
          dotted[part, default: [:]][layer.path] = layer
          underscored[part, default: [:]][String(layer.path.map { $0 == "." ? "_" : $0 })] = layer
        }
      }
    }

    func layer(_ stem: String) -> (LoRA.Part, LayerShape)? {
      for (prefix, part) in [("lora_unet_", LoRA.Part.unet), ("lora_te_", .textEncoder), ("lora_te1_", .textEncoder)] {
        guard let rest = stem.removingPrefix(prefix) else { continue }
        let path = part == .textEncoder ? rest.removingPrefix("text_model_") ?? rest : rest
        return (underscored[part]?[path] ?? original(path, part)).map { (part, $0) }
      }
      if let target = LDMNames.targets(of: stem + ".weight")?.first, target.third == nil,
        let part = LoRA.Part(rawValue: target.part)
      {
        return dotted[part]?[String(target.name.dropLast(".weight".count))].map { (part, $0) }
      }
      let part: LoRA.Part = stem.hasPrefix("text_encoder.") ? .textEncoder : .unet
      let prefixes = ["text_encoder.", "unet.", "base_model.model."]
      let path = prefixes.lazy.compactMap(stem.removingPrefix).first ?? stem
      return dotted[part]?[part == .unet ? Self.unetPath(path) : Self.textPath(path)].map { (part, $0) }
    }

    /// By the original's path with underscores.
    private func original(_ path: String, _ part: LoRA.Part) -> LayerShape? {
      guard part == .unet else { return nil }
      var words: [Substring] = []
      for word in path.split(separator: "_", omittingEmptySubsequences: false) {
        if let last = words.last, Self.compounds.contains("\(last)_\(word)") {
          words[words.count - 1] = "\(last)_\(word)"
        } else {
          words.append(word)
        }
      }
      let target = LDMNames.targets(of: "model.diffusion_model." + words.joined(separator: ".") + ".weight")?.first
      guard let target, target.third == nil else { return nil }
      return dotted[part]?[String(target.name.dropLast(".weight".count))]
    }

    /// Of the original's paths, what has underscores itself.
    private static let compounds: Set<String> = [
      "input_blocks", "middle_block", "output_blocks", "time_embed", "in_layers", "emb_layers", "out_layers",
      "skip_connection", "proj_in", "proj_out", "transformer_blocks", "to_q", "to_k", "to_v", "to_out",
    ]

    /// Attention processors stood between an attention and its projections.
    private static func unetPath(_ path: String) -> String {
      let parts = path.split(separator: ".", omittingEmptySubsequences: false).filter { $0 != "processor" }
      return parts.joined(separator: ".") + (parts.last == "to_out" ? ".0" : "")
    }

    /// diffusers called the projections as the UNet's.
    private static func textPath(_ path: String) -> String {
      var parts = (path.removingPrefix("text_model.") ?? path).split(separator: ".", omittingEmptySubsequences: false)
      let names: [Substring: Substring] = ["to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"]
      if let last = parts.last, let name = names[last] { parts[parts.count - 1] = name }
      return parts.joined(separator: ".")
    }
  }
}
