// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// What a product reads: the rows of a matrix that is never written, of features as they are (dense), or of the pixels
/// under a convolution's kernel (im2col).
package struct Rows {
  let source: CProductRows
}

/// Pixels around a picture before a convolution: zeros, or the picture mirrored at its outermost pixels (PyTorch's
/// `reflect`).
public struct Padding: Equatable, Sendable {
  public let before: Int  // left and top
  public let after: Int  // right and bottom
  public let isMirrored: Bool

  public init(before: Int, after: Int, isMirrored: Bool = false) {
    self.before = before
    self.after = after
    self.isMirrored = isMirrored
  }

  public static let one = Padding(before: 1, after: 1)
}

extension Features {
  /// As the rows of a convolution; of 1x1 for a linear layer, whatever the dimensions.  Valid while the features live.
  package func rows(kernel: Int = 1, stride: Int = 1, padding: Padding = Padding(before: 0, after: 0)) -> Rows {
    func source(_ x: Tensor) -> CProductSource {
      CProductSource(pixels: UnsafePointer(x.pointer), channels: Int64(x.dim(-1)), stride: Int64(x.dim(-1)))
    }
    let isPicture = first.shape.count == 4
    let width = isPicture ? first.dim(2) : first.shape.dropFirst().dropLast().reduce(1, *)
    let scale = normalization.map { UnsafePointer($0.factors.pointer) }
    return Rows(
      source: CProductRows(
        first: source(first), second: second.map(source) ?? CProductSource(pixels: nil, channels: 0, stride: 0),
        images: Int64(images), height: Int64(isPicture ? first.dim(1) : 1), width: Int64(width), kernel: Int32(kernel),
        stride: Int32(stride), before: Int32(padding.before), after: Int32(padding.after), upsample: Int32(enlargement),
        scale: scale, shift: scale.map { $0 + images * channels }, silu: normalization?.silu ?? false,
        mirrored: padding.isMirrored))
  }
}
