// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// What a model's layers are made of: a view of its tensors below a name path, pushed where each layer is made
/// (`builder["down_blocks"][0]`), and the registry of the layers that LoRAs can add to.
public struct ModelBuilder {
  /// The tensors below the path.
  public let weights: Weights
  private let arithmetic: LayerArithmetic
  private let registry: Registry

  /// Shared by all views of one model.
  private final class Registry { var slots: [LowRankSlot] = [] }

  public init(_ weights: Weights, _ arithmetic: LayerArithmetic = .float32) {
    self.init(weights, arithmetic, Registry())
  }

  private init(_ weights: Weights, _ arithmetic: LayerArithmetic, _ registry: Registry) {
    self.weights = weights
    self.arithmetic = arithmetic
    self.registry = registry
  }

  public subscript(_ name: String) -> ModelBuilder { ModelBuilder(weights[name], arithmetic, registry) }
  public subscript(_ index: Int) -> ModelBuilder { self[String(index)] }

  /// Reads `weight` [outputs, inputs, kernel, kernel], and packs it for the layer's arithmetic.  gated: as of
  /// `PackedWeights`.
  ///
  /// Throws `CheckpointError` as `Weights.tensor`, or if the system has no memory for them.
  func packedWeights(outputs: Int, inputs: Int, kernel: Int = 1, gated: Bool = false) throws -> PackedWeights {
    try weights.tensor("weight", shape: [outputs, inputs, kernel, kernel])
      .packed(outputs: outputs, inputs: inputs, kernel: kernel, gated: gated, arithmetic(ofLayer: weights.path))
  }

  /// A vector of `count` parameters (a bias, a norm's scale).  Throws `CheckpointError` as `Weights.tensor`.
  func vector(_ name: String, count: Int) throws -> [Float] { try weights.floats(name, shape: [count]) }

  /// The place for LoRAs' additions to the layer at this path.
  func lowRankSlot(inputs: Int, outputs: Int, kernel: Int = 1) -> LowRankSlot {
    let slot = LowRankSlot(LayerShape(path: weights.path, inputs: inputs, outputs: outputs, kernel: kernel))
    registry.slots.append(slot)
    return slot
  }

  /// The layers that were made so far, by this view and all that share its model, in the order in which they were.
  public var lowRankLayers: LowRankLayers { LowRankLayers(registry.slots) }
}
