// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A UNet and what it is conditioned on, prepared once for all steps; with classifier-free guidance (Ho and Salimans
/// 2022) where there is a context to move away from.
struct GuidedUNet {
  private let unet: UNet2DConditionModel
  private let contexts: PreparedContext
  private let guidance: (scale: Double, part: Range<Double>)?
  private let embeddedGuidance: Double?
  /// Every so many steps all of the UNet runs, and only its finest layers between them; 1 or more.
  private let cacheInterval: Int
  /// What the coarser layers have made last, and for which of the steps since.
  private var cache: (deep: Tensor, timestep: Float, uses: Int)?

  init(_ unet: UNet2DConditionModel, _ conditioning: Conditioning, cacheInterval: Int = 1) {
    let (contexts, width) = (conditioning.contexts, unet.configuration.crossAttentionWidth)
    precondition(
      contexts.allSatisfy { $0.dim(-1) == width }, "contexts \(contexts.map(\.shape)), the UNet's are \(width) wide")
    self.unet = unet
    self.contexts = unet.prepare(contexts)
    guidance = conditioning.guidance.map { ($0.scale, conditioning.guidedPart) }
    embeddedGuidance = conditioning.embeddedGuidance
    self.cacheInterval = cacheInterval
  }

  /// UNet passes over one picture that a call is, about.  progress: of the call; number: of all calls.
  func passes(at progress: Double, number: Int) -> Double {
    Double(guides(at: progress) ? 2 : 1) * (number.isMultiple(of: cacheInterval) ? 1 : Self.finestShare)
  }

  /// What the finest layers take of a pass: Stable Diffusion 1.5, 512 x 512 pixels.
  private static let finestShare = 0.35

  private func guides(at progress: Double) -> Bool { guidance?.part.contains(progress) ?? false }

  /// What the UNet predicts, with guidance where there is one.  progress: 0 ..< 1, the share of the steps that is behind.
  /// [1, h, w, inChannels] -> [1, h, w, outChannels]
  mutating func callAsFunction(_ x: Tensor, timestep: Float, at progress: Double = 0) throws -> Tensor {
    guard let guidance, guides(at: progress) else { return try output(x, timestep, contexts.last) }
    let output = try output(x.repeated(2), timestep, contexts)
    return linearCombination((1 - guidance.scale, output[image: 0]), (guidance.scale, output[image: 1]))
  }

  private mutating func output(_ x: Tensor, _ timestep: Float, _ contexts: PreparedContext) throws -> Tensor {
    guard cacheInterval > 1 else { return try unet(x, timestep: timestep, guidance: embeddedGuidance, contexts) }
    // Not where a sampler goes back to more noise, or where guidance begins or ends.
    if let cache, cache.uses == cacheInterval || timestep > cache.timestep || cache.deep.dim(0) != x.dim(0) {
      self.cache = nil
    }
    var deep = cache?.deep
    let output = try unet(x, timestep: timestep, guidance: embeddedGuidance, contexts, deep: &deep)
    cache = deep.map { ($0, timestep, (cache?.uses ?? 0) + 1) }
    return output
  }
}
