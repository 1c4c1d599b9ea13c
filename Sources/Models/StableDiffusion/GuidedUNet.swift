// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A UNet and what it is conditioned on, prepared once for all steps; with classifier-free guidance (Ho and Salimans
/// 2022) where there is a context to move away from.
struct GuidedUNet {
  private let unet: UNet2DConditionModel
  private let contexts: PreparedContext
  private let guidanceScale: Double?
  private let embeddedGuidance: Double?
  /// UNet passes over one picture that a call is.
  let passes: Int

  init(_ unet: UNet2DConditionModel, _ conditioning: Conditioning) {
    let (contexts, width) = (conditioning.contexts, unet.configuration.crossAttentionWidth)
    precondition(
      contexts.allSatisfy { $0.dim(-1) == width }, "contexts \(contexts.map(\.shape)), the UNet's are \(width) wide")
    self.unet = unet
    self.contexts = unet.prepare(contexts)
    guidanceScale = conditioning.guidance?.scale
    embeddedGuidance = conditioning.embeddedGuidance
    passes = contexts.count
  }

  /// What the UNet predicts, with guidance where there is one.  [1, h, w, inChannels] -> [1, h, w, outChannels]
  func callAsFunction(_ x: Tensor, timestep: Float) throws -> Tensor {
    let output = try unet(x.repeated(passes), timestep: timestep, guidance: embeddedGuidance, contexts)
    guard let guidanceScale else { return output }
    return linearCombination((1 - guidanceScale, output[image: 0]), (guidanceScale, output[image: 1]))
  }
}
