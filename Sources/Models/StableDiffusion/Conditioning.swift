// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// What a run is conditioned on.
public struct Conditioning {
  /// What the UNet attends to, [1, L, contextWidth].
  public let context: Tensor
  /// Classifier-free guidance (Ho and Salimans 2022): the context to move away from, of any length, and how far, above
  /// 1.  Without it a step is one UNet pass.
  public let guidance: (unconditional: Tensor, scale: Double)?
  /// In which part of the steps there is guidance (Kynkaanniemi et al. 2024), of 0 ..< 1; the others are one UNet pass.
  public let guidedPart: Range<Double>
  /// The guidance that a latent consistency model is told (Luo et al. 2023, section 4.2), 1 for none; always one UNet pass a
  /// step.  nil for other models.
  public let embeddedGuidance: Double?

  public init(
    _ context: Tensor, guidance: (unconditional: Tensor, scale: Double)? = nil, guidedPart: Range<Double> = 0..<1,
    embeddedGuidance: Double? = nil
  ) {
    self.context = context
    self.guidance = guidance
    self.guidedPart = guidedPart
    self.embeddedGuidance = embeddedGuidance
  }

  /// The unconditional half first, as in diffusers.
  var contexts: [Tensor] { [guidance?.unconditional, context].compactMap { $0 } }
}
