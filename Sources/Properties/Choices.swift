// SPDX-License-Identifier: LGPL-3.0-or-later
/// How the steps of a diffusion model are taken.
package enum SamplerKind: String, CaseIterable, Sendable {
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

/// Which sampler takes the steps.
package enum SamplerChoice: PropertyChoice {
  /// What the LoRA, the pack or the model wants, else dpmpp-2m.
  case auto
  case kind(SamplerKind)

  package static let allCases = [Self.auto] + SamplerKind.allCases.map(Self.kind)

  package init?(rawValue: String) {
    guard let choice = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = choice
  }

  package var rawValue: String { kind?.rawValue ?? "auto" }

  /// nil where it is left open.
  package var kind: SamplerKind? { if case .kind(let kind) = self { kind } else { nil } }
}

/// How the training steps are spaced that a sampler visits.
package enum Spacing: String, PropertyChoice {
  /// As the pack says.
  case auto
  case leading
  case trailing
  case linspace
}

/// Who paints what a removed subject has hidden.
package enum RemovalMethod: String, PropertyChoice {
  /// LaMa where one is found and the model has no learned prompt for removing, else SEELE.
  case auto
  case seele
  case lama
}

/// What a mask's grey means.
package enum MaskStrength: String, PropertyChoice {
  /// What is half white or more is repainted, what is darker is blended.
  case binary
  /// How much of the steps a pixel may change in.
  case soft
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
  /// The model, which paints an enlarged fill again in tiles.
  case refine
}

/// The numbers that products use.
package enum Precision: String, PropertyChoice {
  /// The fastest of this processor's instructions, but for whole numbers.
  case auto
  case float32
  /// Of the UNet and the autoencoder, where the processor has instructions for it.
  case float16, bfloat16
  /// Of the UNet; never automatic.
  case int8
}
