// SPDX-License-Identifier: LGPL-3.0-or-later
/// The autoencoder's names.  Facts: CompVis/stable-diffusion, `ldm/modules/diffusionmodules/model.py`.
extension LDMNames {
  /// nil for a name that the original autoencoder does not have.
  package static func autoencoder(_ stored: String) -> String? { autoencoder(LDMName(stored)) }

  /// diffusers counts the decoder's levels in the order of computing, from the coarsest; LDM from the finest.
  private static let levels = 4

  static func autoencoder(_ name: LDMName) -> String? {
    let side = name[0]
    guard side == "encoder" || side == "decoder" else {
      return ["quant_conv", "post_quant_conv"].contains(side) ? name.rest(1, after: side) : nil
    }
    switch name[1] {
    case "conv_in", "conv_out": return name.rest(2, after: side + "." + name[1])
    case "norm_out": return name.rest(2, after: side + ".conv_norm_out")
    case "mid":
      let inner = ["block_1": "resnets.0", "block_2": "resnets.1", "attn_1": "attentions.0"][name[2]]
      return inner.flatMap { name.rest(3, after: "\(side).mid_block.\($0)") }
        .map(CanonicalNames.autoencoder)
    case "down":
      return name.number(2).flatMap { level(name, "\(side).down_blocks.\($0)", sampler: "downsample") }
    case "up":
      guard let level = name.number(2), level < levels else { return nil }
      return self.level(name, "\(side).up_blocks.\(levels - 1 - level)", sampler: "upsample")
    default: return nil
    }
  }

  private static func level(_ name: LDMName, _ path: String, sampler: String) -> String? {
    if name[3] == sampler { return name.rest(4, after: "\(path).\(sampler)rs.0") }
    guard name[3] == "block", let index = name.number(4) else { return nil }
    let layer = name[5] == "nin_shortcut" ? "conv_shortcut" : name[5]
    return name.rest(6, after: "\(path).resnets.\(index).\(layer)")
  }
}
