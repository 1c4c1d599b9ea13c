// SPDX-License-Identifier: LGPL-3.0-or-later
/// OpenCLIP's names of SD 2's text encoder.  Facts: mlfoundations/open_clip, `transformer.py`.
extension LDMNames {
  /// ViT-H/14 has 24 layers; Stable Diffusion 2 takes the states before the last one (`layer: penultimate`), and
  /// diffusers' copy has 23.  A checkpoint made from diffusers' copy lacks the last one too.
  private static let unusedLayer = 23

  /// What the part itself never uses.
  private static let notUsed: Set<String> = ["text_projection", "logit_scale", "attn_mask"]

  static func openCLIP(_ stored: String) -> [Target]? {
    func one(_ name: String?) -> [Target]? { name.map { [Target(part: "text_encoder", name: $0)] } }
    if notUsed.contains(stored) { return [] }
    let name = LDMName(stored)
    switch name[0] {
    case "token_embedding": return one(name.rest(1, after: "embeddings.token_embedding"))
    case "positional_embedding": return name.parts.count == 1 ? one("embeddings.position_embedding.weight") : nil
    case "ln_final": return one(name.rest(1, after: "final_layer_norm"))
    case "transformer": break
    default: return nil
    }
    guard name[1] == "resblocks", let index = name.number(2) else { return nil }
    if index == unusedLayer { return [] }
    let layer = "encoder.layers.\(index)"
    switch (name[3], name[4]) {
    case ("attn", "in_proj_weight"), ("attn", "in_proj_bias"):
      guard name.parts.count == 5 else { return nil }
      let kind = name[4] == "in_proj_weight" ? "weight" : "bias"
      return ["q", "k", "v"].enumerated().map { third, letter in
        Target(part: "text_encoder", name: "\(layer).self_attn.\(letter)_proj.\(kind)", third: third)
      }
    case ("attn", "out_proj"): return one(name.rest(5, after: layer + ".self_attn.out_proj"))
    case ("ln_1", _): return one(name.rest(4, after: layer + ".layer_norm1"))
    case ("ln_2", _): return one(name.rest(4, after: layer + ".layer_norm2"))
    case ("mlp", "c_fc"): return one(name.rest(5, after: layer + ".mlp.fc1"))
    case ("mlp", "c_proj"): return one(name.rest(5, after: layer + ".mlp.fc2"))
    default: return nil
    }
  }
}
