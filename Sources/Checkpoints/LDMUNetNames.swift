// SPDX-License-Identifier: LGPL-3.0-or-later
/// The UNet's names.  Facts: CompVis/stable-diffusion, `ldm/modules/diffusionmodules/openaimodel.py`.
///
/// There the blocks are counted through: `input_blocks.0` is the first convolution, then each level has two resnets (each
/// with its attention, if any) and a downsampler; each level of `output_blocks` has three resnets, the last of them
/// with the upsampler.
extension LDMNames {
  private static let layersPerBlock = 2

  static func unet(_ name: LDMName) -> String? {
    switch name[0] {
    case "time_embed":
      return ["0": "time_embedding.linear_1", "2": "time_embedding.linear_2"][name[1]].flatMap { name.rest(2, after: $0) }
    case "out":
      return ["0": "conv_norm_out", "2": "conv_out"][name[1]].flatMap { name.rest(2, after: $0) }
    case "input_blocks": return down(name)
    case "output_blocks": return up(name)
    case "middle_block":
      switch name[1] {
      case "0": return resnet(name, 2, "mid_block.resnets.0")
      case "1": return name.rest(2, after: "mid_block.attentions.0")
      case "2": return resnet(name, 2, "mid_block.resnets.1")
      default: return nil
      }
    default: return nil
    }
  }

  private static func down(_ name: LDMName) -> String? {
    guard let index = name.number(1) else { return nil }
    guard index > 0 else { return name[2] == "0" ? name.rest(3, after: "conv_in") : nil }
    let (block, layer) = (index - 1).quotientAndRemainder(dividingBy: layersPerBlock + 1)
    switch (name[2], name[3]) {
    case ("0", "op"): return name.rest(4, after: "down_blocks.\(block).downsamplers.0.conv")
    case ("0", _): return resnet(name, 3, "down_blocks.\(block).resnets.\(layer)")
    case ("1", _): return name.rest(3, after: "down_blocks.\(block).attentions.\(layer)")
    default: return nil
    }
  }

  private static func up(_ name: LDMName) -> String? {
    guard let index = name.number(1) else { return nil }
    let (block, layer) = index.quotientAndRemainder(dividingBy: layersPerBlock + 1)
    switch (name[2], name[3]) {
    case ("0", _): return resnet(name, 3, "up_blocks.\(block).resnets.\(layer)")
    // Behind the attention; in its place where the level has none.
    case ("1", "conv"), ("2", "conv"): return name.rest(4, after: "up_blocks.\(block).upsamplers.0.conv")
    case ("1", _): return name.rest(3, after: "up_blocks.\(block).attentions.\(layer)")
    default: return nil
    }
  }

  /// `start` is where the names inside the block begin.
  private static func resnet(_ name: LDMName, _ start: Int, _ path: String) -> String? {
    if name[start] == "skip_connection" { return name.rest(start + 1, after: path + ".conv_shortcut") }
    let layers = [
      "in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj", "out_layers.0": "norm2",
      "out_layers.3": "conv2",
    ]
    return layers[name[start] + "." + name[start + 1]].flatMap { name.rest(start + 2, after: path + "." + $0) }
  }
}
