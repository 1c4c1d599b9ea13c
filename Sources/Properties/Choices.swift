// SPDX-License-Identifier: LGPL-3.0-or-later
/// How the steps of a diffusion model are taken.
package enum SamplerKind: String, PropertyChoice {
  case ddim
  case pndm
  case dpmpp2M = "dpmpp-2m"
  case unipc
  case euler
  case repaint
  case lcm
  case tcd
  case eulerAncestral = "euler-a"
  case heun
  case dpmpp2MKarras = "dpmpp-2m-karras"
  case dpmpp2MSDE = "dpmpp-2m-sde"
  case deis
}

/// How the training steps are spaced that a sampler visits.
package enum Spacing: String, PropertyChoice {
  /// As the pack says.
  case auto
  case leading
  case trailing
  case linspace
}

/// What the models look at.
package enum Crop: String, PropertyChoice {
  /// The mask's box and what lies around it.
  case auto
  case whole
}

/// Whether a fill's colours are matched to the known pixels around it.
package enum ColorMatchChoice: String, PropertyChoice {
  /// Where an operation fills by its surroundings, and no text asks for other colours.
  case auto
  case always = "true"
  case never = "false"
}

/// Which autoencoder goes between pictures and latents.
package enum AutoencoderChoice: String, PropertyChoice {
  /// The full one.
  case auto
  case full
  /// The pack's distilled one.
  case tiny
}

/// Who turns latents into a picture.
package enum DecoderChoice: String, PropertyChoice {
  /// What the pack recommends, else the operation's.
  case auto
  /// The autoencoder's own.
  case plain
  /// The pack's harmonizing decoder.
  case harmonizing
}

/// Where a fill's detail comes from.
package enum DetailChoice: String, PropertyChoice {
  /// What the pack recommends, else the model.
  case auto
  case model
  /// Patches of the known pixels.
  case surroundings
}

/// The numbers that products use.
package enum Precision: String, PropertyChoice {
  case auto
  case float32
}
