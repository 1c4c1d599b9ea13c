// SPDX-License-Identifier: LGPL-3.0-or-later
import Properties

/// What the operations of Stable Diffusion's families differ in.
struct DiffusionTask {
  /// What the UNet attends to where the request has no learned prompt of its own.
  enum Context {
    /// The request's text; without one, the pack's learned prompt of that name, if any.
    case text(orLearned: String? = nil)
    /// The pack's learned prompt, or a text in its place (the baselines of Wang et al. 2024, SEELE, section 5; for
    /// harmonizing they have none).
    case learned(String, orText: String)
    /// ASUKA's masked autoencoder.
    case prior
  }

  enum ColorMatching { case always, withoutPrompt, never }

  enum Decoder { case plain, harmonizing, harmonizingWhereThere }

  var context: Context
  var colorMatching = ColorMatching.always
  /// Guidance with a text where neither the request nor the pack says one; with any other context it is 1.
  var guidance = 1.0
  var decoder = Decoder.plain
  /// The model paints a change, with the pack's LoRA of that name.
  var changesWithLoRA: String?

  /// SEELE's learned prompt for what was behind a subject.
  static let removalPrompt = "remove"

  /// nil for what these families do not do.
  init?(_ operation: Operation) {
    switch operation {
    case .sdInpaint:
      context = .text()
      (colorMatching, guidance) = (.withoutPrompt, 7.5)
    case .outpaint:
      context = .text(orLearned: "outpaint")
      (guidance, decoder) = (7.5, .harmonizingWhereThere)
    case .asukaInpaint:
      context = .prior
      decoder = .harmonizing
    case .seeleRemove: context = .learned(Self.removalPrompt, orText: "inpaint")
    case .seeleComplete:
      context = .learned("complete", orText: "complete the subject")
      colorMatching = .never
    case .seeleHarmonize:
      context = .learned("harmonize", orText: "harmonize the subject")
      (colorMatching, changesWithLoRA) = (.never, "harmonize")
    case .lamaInpaint, .seeleReposition: return nil
    }
  }
}
