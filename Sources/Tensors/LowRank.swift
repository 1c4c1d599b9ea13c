import Checkpoints

/// The low-rank addition to one layer (Hu et al. 2021): y + up(down(x)).  It is evaluated beside the layer's own
/// product, whose weights stay as they are; without one the layer computes what it always does, bit for bit.
///
/// May be changed between runs only.
public final class LowRankSlot: AdaptableLayer, @unchecked Sendable {
  public let shape: LayerShape
  private(set) var addition: LowRankAddition?

  init(_ weights: Weights, inputs: Int, outputs: Int, kernel: Int = 1) {
    shape = LayerShape(path: weights.path, inputs: inputs, outputs: outputs, kernel: kernel)
    weights.register(self)
  }

  /// Adds these, which must have the layer's shape, in place of what was added before; none for an empty list.
  ///
  /// Throws `CheckpointError` if there is no memory for them.
  public func set(_ pairs: [(pair: LoRA.Pair, scale: Float)]) throws {
    let pairs = pairs.filter { $0.scale * $0.pair.scale != 0 }
    addition = pairs.isEmpty ? nil : try LowRankAddition(pairs, shape)
  }

  func clear() { addition = nil }
}

/// Several low-rank additions in one: their ranks follow each other.
struct LowRankAddition {
  let down: WeightMatrix  // [rank, inputs x kernel x kernel]
  let up: WeightMatrix  // [outputs, rank], scaled
  private let zeros: [Float]

  init(_ pairs: [(pair: LoRA.Pair, scale: Float)], _ shape: LayerShape) throws {
    let taps = shape.kernel * shape.kernel
    let rank = pairs.reduce(0) { $0 + $1.pair.rank }
    let depth = shape.inputs * taps
    let downs = try StoredTensor(.float32, [rank, depth])
    let ups = try StoredTensor(.float32, [shape.outputs, rank])
    let (downFloats, upFloats) = (downs.bytes.bindMemory(to: Float.self), ups.bytes.bindMemory(to: Float.self))
    var start = 0
    for (pair, scale) in pairs {
      let (down, up) = (WeightMatrix(pair.down, outputs: pair.rank, inputs: depth),
        WeightMatrix(pair.up, outputs: shape.outputs, inputs: pair.rank))
      down.widen(rows: 0..<pair.rank, columns: 0..<depth, to: downFloats.baseAddress! + start * depth)
      for output in 0..<shape.outputs {
        let row = upFloats.baseAddress! + output * rank + start
        up.widen(rows: output..<output + 1, columns: 0..<pair.rank, to: row)
        for column in 0..<pair.rank { row[column] *= scale * pair.scale }
      }
      start += pair.rank
    }
    down = .convolution(downs, outputs: rank, channels: shape.inputs, taps: taps)
    up = WeightMatrix(ups, outputs: shape.outputs, inputs: rank)
    zeros = [Float](repeating: 0, count: max(rank, shape.outputs))
  }

  /// up(down(source)) + residual, to be added to the layer's own product of `shape`, whose rows are the source's.
  func callAsFunction(
    _ source: some RowSource, rows: Int, shape: [Int], adding residual: Tensor?, in workspace: Workspace
  ) -> Tensor {
    let hidden = Tensor([rows, down.outputs], in: workspace)
    let result = Tensor(shape, in: workspace)
    zeros.withUnsafeBufferPointer { zeros in
      func addend(_ residual: Tensor?) -> RowAddend {
        RowAddend(
          vectors: zeros.baseAddress!, rowsPerVector: max(rows, 1),
          residual: residual.map { UnsafePointer($0.pointer) })
      }
      matrixProduct(source, rows: rows, down, adding: addend(nil), to: hidden.pointer, in: workspace)
      matrixProduct(
        DenseRows(start: hidden.pointer, stride: down.outputs), rows: rows, up, adding: addend(residual),
        to: result.pointer, in: workspace)
    }
    return result
  }
}

/// The layers of a model that low-rank additions can be made to.
public struct LowRankLayers: Sendable {
  private let slots: [LowRankSlot]

  /// The layers that were made of these weights.
  public init(_ weights: Weights) { slots = weights.layers.compactMap { $0 as? LowRankSlot } }

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
