// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// The names of a decoder that is conditioned on the known pixels, in diffusers' terms (AsymmetricAutoencoderKL).
///
/// Asymmetric VQGAN's files and ASUKA's have the original names below `decoder`, and the condition encoder as
/// `decoder.encoder`.  Facts: diffusers, `scripts/convert_asymmetric_vqgan_to_diffusers.py`.
enum HarmonizingDecoderNames {
  /// The encoder and its convolution, which the model's own autoencoder does the work of; what only training used; and
  /// layers that no forward pass used.
  private static let unused = ["encoder.", "quant_conv.", "loss.", "decoder.up_layers."]

  /// nil for what the decoder does not use.
  static func name(_ stored: String) -> String? {
    if unused.contains(where: { stored.removingPrefix($0) != nil }) { return nil }
    if let rest = stored.removingPrefix("decoder.encoder.") { return "decoder.condition_encoder." + rest }
    return LDMNames.autoencoder(stored) ?? CanonicalNames.autoencoder(stored)
  }
}
