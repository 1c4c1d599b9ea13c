// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import ASUKA

/// The names of conditioned decoders in diffusers' terms.
@Suite struct HarmonizingDecoderNamesTests {
  @Test(arguments: [
    // Asymmetric VQGAN, ASUKA
    ("decoder.conv_in.weight", "decoder.conv_in.weight"),
    ("decoder.mid.block_2.norm1.bias", "decoder.mid_block.resnets.1.norm1.bias"),
    ("decoder.mid.attn_1.proj_out.weight", "decoder.mid_block.attentions.0.to_out.0.weight"),
    ("decoder.up.3.block.0.conv1.weight", "decoder.up_blocks.0.resnets.0.conv1.weight"),
    ("decoder.up.0.block.2.nin_shortcut.bias", "decoder.up_blocks.3.resnets.2.conv_shortcut.bias"),
    ("decoder.up.1.upsample.conv.weight", "decoder.up_blocks.2.upsamplers.0.conv.weight"),
    ("decoder.norm_out.weight", "decoder.conv_norm_out.weight"),
    ("decoder.encoder.layers.4.weight", "decoder.condition_encoder.layers.4.weight"),
    ("post_quant_conv.weight", "post_quant_conv.weight"),
    // diffusers, new and old
    ("decoder.up_blocks.0.resnets.0.conv1.weight", "decoder.up_blocks.0.resnets.0.conv1.weight"),
    ("decoder.mid_block.attentions.0.query.weight", "decoder.mid_block.attentions.0.to_q.weight"),
    ("decoder.condition_encoder.layers.0.bias", "decoder.condition_encoder.layers.0.bias"),
    // another model's: left over, so that the model refuses them
    ("decoder.up.4.block.0.conv1.weight", "decoder.up.4.block.0.conv1.weight"),
    ("model_ema.decay", "model_ema.decay"), ("", ""), ("decoder..up", "decoder..up"),
  ])
  func names(stored: String, expected: String) {
    #expect(HarmonizingDecoderNames.name(stored) == expected)
  }

  @Test(arguments: [
    "encoder.conv_in.weight", "quant_conv.bias", "loss.logvar", "decoder.up_layers.3.deconv.weight",
  ])
  func whatTheDecoderDoesNotUseIsLeftOut(stored: String) {
    #expect(HarmonizingDecoderNames.name(stored) == nil)
  }
}
