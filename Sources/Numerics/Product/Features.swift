// SPDX-License-Identifier: LGPL-3.0-or-later
/// What a layer reads: a feature map [N, H, W, C], or tokens [N, T, C].  What happens to it on the way into the layer is
/// noted here and done while the layer reads it, so that it is never written.
public struct Features {
  /// x scale[image][c] + shift[image][c], then SiLU: what is left of a group norm when its moments are known.
  struct Normalization {
    let factors: Tensor  // [scale, shift][N][C]
    let silu: Bool
  }

  public let first: Tensor
  /// Channels that follow those of `first`: a skip connection's.
  let second: Tensor?
  var normalization: Normalization?
  /// How many times each pixel counts along both sides (nearest-neighbour): 1 or 2.
  var enlargement = 1

  public init(_ x: Tensor) {
    first = x
    second = nil
  }

  /// [N, H, W, A] and [N, H, W, B] side by side: [N, H, W, A + B]
  public init(_ first: Tensor, _ second: Tensor) {
    precondition(first.shape.dropLast() == second.shape.dropLast(), "joining \(first.shape) and \(second.shape)")
    self.first = first
    self.second = second
  }

  /// Enlarged as `resizeNearest` does it: [N, H, W, C] -> [N, height, width, C]
  public static func enlarged(_ x: Tensor, height: Int, width: Int) -> Features {
    guard height == 2 * x.dim(1), width == 2 * x.dim(2) else {
      return Features(resizeNearest(x, height: height, width: width))
    }
    var features = Features(x)
    features.enlargement = 2
    return features
  }

  public var workspace: Workspace { first.workspace }
  var images: Int { first.dim(0) }
  package var channels: Int { first.dim(-1) + (second?.dim(-1) ?? 0) }
  /// All dimensions before the channels, as the layer sees them.
  package var outerShape: [Int] {
    enlargement == 1 ? Array(first.shape.dropLast()) : [images, first.dim(1) * enlargement, first.dim(2) * enlargement]
  }
}
