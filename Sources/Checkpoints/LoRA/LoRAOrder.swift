// SPDX-License-Identifier: LGPL-3.0-or-later
/// cloneofsimo's LoRA layout: tensors `unet:INDEX:up` and `unet:INDEX:down`, numbered as the modules of the model were
/// walked, and metadata `unet` with the classes whose linear layers were.
///
/// Facts: cloneofsimo/lora, `lora_diffusion/lora.py` (`save_safeloras_with_embeds`, `_find_modules_v2`).
enum LoRAOrder {
  /// Whether a file is in this layout.
  static func isIn(_ source: any TensorSource) -> Bool {
    LoRA.Part.allCases.contains { part in source.tensors.keys.contains { $0.hasPrefix(part.rawValue + ":") } }
  }

  /// Throws `CheckpointError` for classes that are not known, for a number of layers that is not the model's, and for a
  /// tensor that is neither a layer's nor a learned token's (which `LearnedPrompt` reads).
  static func entries(of source: any TensorSource, layers: [LoRA.Part: [LayerShape]]) throws -> [LoRAEntry] {
    var named: Set<String> = []
    var entries: [LoRAEntry] = []
    for part in LoRA.Part.allCases {
      let prefix = part.rawValue + ":"
      let count = source.tensors.keys.count { $0.hasPrefix(prefix) } / 2
      guard count > 0 else { continue }
      let orders = try orders(part, layers[part] ?? [], classes(part, source), source.path)
      // Where no order fits wholly, the first one's error names what does not.
      let candidates = orders.filter { $0.count == count }.map { order in
        order.enumerated().map { index, layer in
          LoRAEntry(part: part, layer: layer, down: "\(prefix)\(index):down", up: "\(prefix)\(index):up")
        }
      }
      guard let first = candidates.first else {
        throw CheckpointError(
          "\(source.path): a LoRA of \(count) layers of the \(part.rawValue), the model has \(orders[0].count) of "
            + "these classes; it was made for another model")
      }
      let chosen = candidates.first { $0.allSatisfy { $0.fits(source) } } ?? first
      entries += chosen
      named.formUnion(chosen.flatMap { [$0.down, $0.up].compactMap(\.self) })
    }
    let extra = source.tensors.keys.filter { !named.contains($0) && source.metadata[$0] != "<embed>" }
    if let name = extra.min() { throw CheckpointError("\(source.path): tensor \(name) is not of a LoRA") }
    return entries
  }

  private static func classes(_ part: LoRA.Part, _ source: any TensorSource) throws -> [String] {
    let path = "\(source.path): metadata \(part.rawValue)"
    let classes = try source.metadata[part.rawValue].flatMap { try JSON(parsing: $0, source: path).array }
    guard let classes else { throw CheckpointError("\(path): expected the list of classes that the LoRA adds to") }
    return try classes.map { name in
      guard let name = name.string, known[part]?.contains(name) == true else {
        throw CheckpointError("\(path): a LoRA of \(name.string?.excerpt ?? "?") is not supported")
      }
      return name
    }
  }

  /// The classes of diffusers and transformers; `CrossAttention` became `Attention`.
  private static let known: [LoRA.Part: Set<String>] = [
    .unet: ["CrossAttention", "Attention", "GEGLU"], .textEncoder: ["CLIPAttention"],
  ]

  /// The model's layers of these classes as the libraries walk them.
  ///
  /// A UNet's middle is registered last.  In a transformer block the feed-forward stood between the attentions before
  /// diffusers 0.12, and stands behind them since: shapes tell.
  private static func orders(
    _ part: LoRA.Part, _ layers: [LayerShape], _ classes: [String], _ path: String
  ) throws -> [[LayerShape]] {
    let byPath = Dictionary(layers.map { ($0.path, $0) }) { first, _ in first }
    if part == .textEncoder {
      let blocks = ordered(layers, before: ".self_attn.")
      return [blocks.flatMap { block in ["k", "v", "q", "out"].compactMap { byPath["\(block).self_attn.\($0)_proj"] } }]
    }
    let blocks = ordered(layers, before: ".attn1.")
    let walked = blocks.filter { !$0.hasPrefix("mid_block.") } + blocks.filter { $0.hasPrefix("mid_block.") }
    func attention(_ name: String) -> [String] {
      classes == ["GEGLU"] ? [] : ["to_q", "to_k", "to_v", "to_out.0"].map { name + "." + $0 }
    }
    let gate = classes.contains("GEGLU") ? ["ff.net.0.proj"] : []
    let inBlock = [attention("attn1") + gate + attention("attn2"), attention("attn1") + attention("attn2") + gate]
    return inBlock.map { names in walked.flatMap { block in names.compactMap { byPath[block + "." + $0] } } }
  }

  /// The paths that stand before `marker`, each once, in the model's order.
  private static func ordered(_ layers: [LayerShape], before marker: String) -> [String] {
    var seen: Set<String> = []
    return layers.compactMap { layer -> String? in
      // Split at the marker: the paths are the program's own.
      guard let range = layer.path.firstRange(of: marker) else { return nil }
      let block = String(layer.path[..<range.lowerBound])
      return seen.insert(block).inserted ? block : nil
    }
  }
}
