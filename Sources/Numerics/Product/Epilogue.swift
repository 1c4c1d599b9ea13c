// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// What a product's sums become before they are written: f(sum + bias + vector + residual).
package struct Epilogue {
  /// [outputs]
  var bias: [Float]
  /// [N, outputs] or [1, outputs]: added to every row of its image.
  var perImage: Tensor?
  /// Of the sums' shape.
  var residual: Tensor?
  var activation: Activation

  package init(
    bias: [Float] = [], perImage: Tensor? = nil, residual: Tensor? = nil, activation: Activation = .none
  ) {
    (self.bias, self.perImage, self.residual, self.activation) = (bias, perImage, residual, activation)
  }
}

/// f(x) of each value.
public enum Activation: Sendable {
  case none
  /// x sigmoid(x)
  case silu
  /// x Phi(x), exactly (Hendrycks and Gimpel 2016)
  case gelu
  /// x sigmoid(1.702 x), as CLIP ViT-L has it
  case quickGELU
  /// The larger of x and 0
  case relu

  var code: CProductActivation {
    switch self {
    case .none: CPRODUCT_NONE
    case .silu: CPRODUCT_SILU
    case .gelu: CPRODUCT_GELU
    case .quickGELU: CPRODUCT_QUICK_GELU
    case .relu: CPRODUCT_RELU
    }
  }
}
