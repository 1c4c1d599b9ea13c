/// The names of the original Stable Diffusion one-file checkpoints (CompVis, Runway, Stability) in diffusers' terms.
///
/// Facts: CompVis/stable-diffusion `ldm/modules`, mlfoundations/open_clip `transformer.py`.
enum LDMNames {
  /// A tensor of a part; `third` is 0, 1 or 2 where it is that third of a joined projection.
  struct Target: Equatable {
    var part: String
    var name: String
    var third: Int?
  }

  /// Resnets a level, going down; one more going up.
  private static let layersPerBlock = 2
  private static let autoencoderLevels = 4

  /// Where a stored tensor goes; none for what is not a part's weight (schedules, EMA copies, training state).
  ///
  /// Throws for a name in a part that is no tensor of it.
  static func targets(of stored: String) throws -> [Target] {
    func one(_ part: String, _ name: String?) throws -> [Target] {
      guard let name else { throw CheckpointError("tensor \(stored) has no place in a Stable Diffusion model") }
      return [Target(part: part, name: name)]
    }
    if let rest = stored.removingPrefix("model.diffusion_model.") { return try one("unet", unet(rest)) }
    if let rest = stored.removingPrefix("first_stage_model.") {
      return rest.hasPrefix("loss.") ? [] : try one("vae", autoencoder(rest))
    }
    if let rest = stored.removingPrefix("cond_stage_model.transformer.") {
      let name = rest.removingPrefix("text_model.") ?? rest
      return name.hasSuffix("position_ids") ? [] : try one("text_encoder", name)
    }
    if let rest = stored.removingPrefix("cond_stage_model.model.") {
      if ["text_projection", "logit_scale", "attn_mask"].contains(rest) { return [] }
      guard let names = openCLIP(rest) else { return try one("text_encoder", nil) }
      return names
    }
    return []
  }

  // MARK: - UNet

  private static func unet(_ name: String) -> String? {
    let parts = name.split(separator: ".").map(String.init)
    func rest(_ from: Int) -> [String] { Array(parts.dropFirst(from)) }
    switch (parts[0], parts.count) {
    case ("time_embed", 3):
      return ["0": "time_embedding.linear_1", "2": "time_embedding.linear_2"][parts[1]].map { $0 + "." + parts[2] }
    case ("out", 3):
      return ["0": "conv_norm_out", "2": "conv_out"][parts[1]].map { $0 + "." + parts[2] }
    case ("middle_block", 3...):
      switch parts[1] {
      case "0": return resnet("mid_block.resnets.0", rest(2))
      case "1": return join("mid_block.attentions.0", rest(2))
      case "2": return resnet("mid_block.resnets.1", rest(2))
      default: return nil
      }
    case ("input_blocks", 4...):
      guard let index = Int(parts[1]) else { return nil }
      if index == 0 { return join("conv_in", rest(3)) }
      let (block, layer) = (index - 1).quotientAndRemainder(dividingBy: layersPerBlock + 1)
      if parts[3] == "op" { return join("down_blocks.\(block).downsamplers.0.conv", rest(4)) }
      return parts[2] == "0"
        ? resnet("down_blocks.\(block).resnets.\(layer)", rest(3))
        : join("down_blocks.\(block).attentions.\(layer)", rest(3))
    case ("output_blocks", 4...):
      guard let index = Int(parts[1]) else { return nil }
      let (block, layer) = index.quotientAndRemainder(dividingBy: layersPerBlock + 1)
      if parts[2] == "0" { return resnet("up_blocks.\(block).resnets.\(layer)", rest(3)) }
      if parts[3] == "conv" { return join("up_blocks.\(block).upsamplers.0.conv", rest(4)) }
      return join("up_blocks.\(block).attentions.\(layer)", rest(3))
    default: return nil
    }
  }

  private static func resnet(_ path: String, _ rest: [String]) -> String? {
    if rest.count == 2, rest[0] == "skip_connection" { return join(path + ".conv_shortcut", [rest[1]]) }
    let layers = [
      "in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj", "out_layers.0": "norm2",
      "out_layers.3": "conv2",
    ]
    guard rest.count == 3, let layer = layers[rest[0] + "." + rest[1]] else { return nil }
    return join(path + "." + layer, [rest[2]])
  }

  private static func join(_ path: String, _ rest: [String]) -> String { ([path] + rest).joined(separator: ".") }

  // MARK: - Autoencoder

  private static func autoencoder(_ name: String) -> String? {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count > 2, ["encoder", "decoder"].contains(parts[0]) else { return name }
    let side = parts[0]
    switch parts[1] {
    case "down", "up":
      guard parts.count > 4, let level = Int(parts[2]) else { return nil }
      let index = parts[1] == "up" ? autoencoderLevels - 1 - level : level
      let block = "\(side).\(parts[1])_blocks.\(index)"
      if parts[3] == "block", parts.count > 6 {
        let layer = parts[5] == "nin_shortcut" ? "conv_shortcut" : parts[5]
        return join("\(block).resnets.\(parts[4]).\(layer)", Array(parts.dropFirst(6)))
      }
      guard ["downsample", "upsample"].contains(parts[3]) else { return nil }
      return join("\(block).\(parts[3])rs.0", Array(parts.dropFirst(4)))
    case "mid":
      guard parts.count > 3 else { return nil }
      switch parts[2] {
      case "block_1": return join("\(side).mid_block.resnets.0", Array(parts.dropFirst(3)))
      case "block_2": return join("\(side).mid_block.resnets.1", Array(parts.dropFirst(3)))
      case "attn_1": return join("\(side).mid_block.attentions.0", Array(parts.dropFirst(3)))
      default: return nil
      }
    case "norm_out": return join("\(side).conv_norm_out", Array(parts.dropFirst(2)))
    default: return name
    }
  }

  // MARK: - OpenCLIP

  private static func openCLIP(_ name: String) -> [Target]? {
    func one(_ name: String) -> [Target] { [Target(part: "text_encoder", name: name)] }
    switch name {
    case "token_embedding.weight": return one("embeddings.token_embedding.weight")
    case "positional_embedding": return one("embeddings.position_embedding.weight")
    case "ln_final.weight", "ln_final.bias": return one("final_layer_norm." + name.dropFirst("ln_final.".count))
    default: break
    }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count > 4, parts.starts(with: ["transformer", "resblocks"]) else { return nil }
    let layer = "encoder.layers.\(parts[2])."
    let inner = parts.dropFirst(3).joined(separator: ".")
    for (kind, suffix) in [("attn.in_proj_weight", "weight"), ("attn.in_proj_bias", "bias")] where inner == kind {
      return ["q", "k", "v"].enumerated().map { third, letter in
        Target(part: "text_encoder", name: layer + "self_attn.\(letter)_proj.\(suffix)", third: third)
      }
    }
    let modules = [
      "ln_1.": "layer_norm1.", "ln_2.": "layer_norm2.", "attn.out_proj.": "self_attn.out_proj.",
      "mlp.c_fc.": "mlp.fc1.", "mlp.c_proj.": "mlp.fc2.",
    ]
    for (from, to) in modules {
      if let rest = inner.removingPrefix(from) { return one(layer + to + rest) }
    }
    return nil
  }
}
