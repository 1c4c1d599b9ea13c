// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// y = f(x W^T + b).  x: [..., inputs] -> [..., outputs]
public struct Linear {
  let weight: PackedWeights
  let bias: [Float]
  let activation: Activation
  let lowRank: LowRankSlot

  public var inputs: Int { weight.inputs }
  public var arithmetic: Arithmetic { weight.arithmetic }
  /// Channels of the result.
  public var outputs: Int { weight.width }

  /// Reads `weight` [outputs, inputs] and, with `bias`, `bias` [outputs].  A 1x1 convolution's weights fit too: over
  /// NHWC pictures it is the same layer.  `gated`: its outputs are [values | gates], and the result is value gelu(gate)
  /// (Shazeer 2020, GEGLU), half as wide.
  public init(
    _ builder: ModelBuilder, in inputs: Int, out outputs: Int, bias: Bool = true, activation: Activation = .none,
    gated: Bool = false
  ) throws {
    weight = try builder.packedWeights(outputs: outputs, inputs: inputs, gated: gated)
    lowRank = builder.lowRankSlot(inputs: inputs, outputs: outputs)
    self.bias = bias ? try builder.vector("bias", count: outputs) : []
    self.activation = activation
  }

  /// `residual`, of the result's shape, is added before the activation.
  public func callAsFunction(_ x: Features, adding residual: Tensor? = nil) -> Tensor {
    precondition(x.channels == inputs, "a linear layer of \(inputs) inputs got \(x.outerShape + [x.channels])")
    let result = Tensor(x.outerShape + [outputs], in: x.workspace)
    precondition(residual == nil || residual!.shape == result.shape, "residual \(residual!.shape) for \(result.shape)")
    let rows = x.rows()
    let count = result.count / outputs
    let residual = lowRank.addition.map { $0(rows, count: count, adding: residual, in: x.workspace) } ?? residual
    weight.multiply(rows, Epilogue(bias: bias, residual: residual, activation: activation), to: result)
    withExtendedLifetime(x) {}
    return result
  }

  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    self(Features(x), adding: residual)
  }

  /// The result takes the place of x, which nobody else holds, if it is not wider: by bands of rows, over rows that have
  /// been read.
  public func callAsFunction(replacing x: inout Tensor) {
    guard outputs <= inputs else {
      x = self(x)
      return
    }
    let shape = Array(x.shape.dropLast()) + [outputs]
    let rows = x.count / inputs
    let band = max(1, (rows + Self.bands - 1) / Self.bands)
    for start in stride(from: 0, to: rows, by: band) {
      let count = min(band, rows - start)
      let result = self(x.values(from: start * inputs, [1, count, inputs]))
      x.values(from: start * outputs, result.shape).copyInPlace(result)
    }
    x = x.values(from: 0, shape)
  }

  private static let bands = 16
}
