// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// The low-rank addition to one layer (Hu et al. 2021): y + up(down(x)).  It is evaluated beside the layer's own
/// product, whose weights stay as they are; without one the layer computes what it always does, bit for bit.
///
/// May be changed between runs only.
final class LowRankSlot: @unchecked Sendable {
  let shape: LayerShape
  private(set) var addition: LowRankAddition?

  init(_ shape: LayerShape) { self.shape = shape }

  /// Adds these, which must have the layer's shape, in place of what was added before; none for an empty list.
  ///
  /// Throws `CheckpointError` if there is no memory for them.
  func set(_ pairs: [(pair: LoRA.Pair, scale: Float)]) throws {
    let pairs = pairs.filter { $0.scale * $0.pair.scale != 0 }
    addition = pairs.isEmpty ? nil : try LowRankAddition(pairs, shape)
  }

  func clear() { addition = nil }
}

/// Several low-rank additions in one: their ranks follow each other.
struct LowRankAddition {
  private let down: PackedWeights  // [rank, inputs, kernel, kernel]
  private let up: PackedWeights  // [outputs, rank], scaled

  init(_ pairs: [(pair: LoRA.Pair, scale: Float)], _ shape: LayerShape) throws {
    let rank = pairs.reduce(0) { $0 + $1.pair.rank }
    let depth = shape.inputs * shape.kernel * shape.kernel
    let downs = try StoredTensor(.float32, [rank, depth])
    let ups = try StoredTensor(.float32, [shape.outputs, rank])
    let (downFloats, upFloats) = (downs.bytes.bindMemory(to: Float.self), ups.bytes.bindMemory(to: Float.self))
    var start = 0
    for (pair, scale) in pairs {
      pair.down.widen(0..<pair.rank * depth, to: downFloats.baseAddress! + start * depth)
      for output in 0..<shape.outputs {
        let row = upFloats.baseAddress! + output * rank + start
        pair.up.widen(output * pair.rank..<(output + 1) * pair.rank, to: row)
        for column in 0..<pair.rank { row[column] *= scale * pair.scale }
      }
      start += pair.rank
    }
    down = try downs.packed(outputs: rank, inputs: shape.inputs, kernel: shape.kernel)
    up = try ups.packed(outputs: shape.outputs, inputs: rank)
  }

  /// up(down(rows)) + residual, [1, count, outputs], to be added to the sums of the layer's own product.
  func callAsFunction(
    _ rows: Rows, count: Int, adding residual: Tensor?, in workspace: Workspace
  ) -> Tensor {
    let hidden = Tensor([1, count, down.outputs], in: workspace)
    let result = Tensor([1, count, up.outputs], in: workspace)
    down.multiply(rows, Epilogue(), to: hidden)
    up.multiply(Features(hidden).rows(), Epilogue(residual: residual), to: result)
    withExtendedLifetime(hidden) {}
    return result
  }
}

/// The layers of a model that low-rank additions can be made to.
public struct LowRankLayers: Sendable {
  private let slots: [LowRankSlot]

  init(_ slots: [LowRankSlot]) { self.slots = slots }

  public var shapes: [LayerShape] { slots.map(\.shape) }

  /// Adds what these LoRAs have for `part`, each times its scale, in place of what was added before.
  ///
  /// Throws `CheckpointError` if there is no memory for them; then nothing is added.
  public func set(_ loras: [(lora: LoRA, scale: Float)], _ part: LoRA.Part) throws {
    do {
      for slot in slots {
        try slot.set(loras.compactMap { lora, scale in lora.pairs[part]?[slot.shape.path].map { ($0, scale) } })
      }
    } catch {
      clear()
      throw error
    }
  }

  public func clear() { for slot in slots { slot.clear() } }
}
