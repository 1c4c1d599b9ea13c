import Checkpoints

/// y = x W^T + b.  x: [..., inputs] -> [..., outputs]
public struct Linear {
  let weight: WeightMatrix
  let bias: [Float]
  let lowRank: LowRankSlot

  public var inputs: Int { weight.inputs }
  public var outputs: Int { weight.outputs }

  /// Reads `weight` [outputs, inputs] and, with `bias`, `bias` [outputs].  A 1x1 convolution's weights fit too: over
  /// NHWC pictures it is the same layer.
  public init(_ weights: Weights, in inputs: Int, out outputs: Int, bias: Bool = true) throws {
    weight = WeightMatrix(try weights.tensor("weight", shape: [outputs, inputs]), outputs: outputs, inputs: inputs)
    lowRank = LowRankSlot(weights, inputs: inputs, outputs: outputs)
    self.bias = bias ? try weights.vector("bias", count: outputs) : [Float](repeating: 0, count: outputs)
  }

  /// `residual`, of the result's shape, is added at the end.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    precondition(x.dim(-1) == inputs, "a linear layer of \(inputs) inputs got \(x.shape)")
    let result = Tensor(x.shape.dropLast() + [outputs], in: x.workspace)
    precondition(residual == nil || residual!.shape == result.shape, "residual \(residual!.shape) for \(result.shape)")
    let rows = x.count / inputs
    let source = DenseRows(start: x.pointer, stride: inputs)
    let residual = lowRank.addition.map {
      $0(source, rows: rows, shape: result.shape, adding: residual, in: x.workspace)
    } ?? residual
    bias.withUnsafeBufferPointer { bias in
      let addend = RowAddend(
        vectors: bias.baseAddress!, rowsPerVector: max(rows, 1),
        residual: residual.map { UnsafePointer($0.pointer) })
      matrixProduct(
        source, rows: rows, weight, adding: addend, to: result.pointer, in: x.workspace)
    }
    return result
  }
}
