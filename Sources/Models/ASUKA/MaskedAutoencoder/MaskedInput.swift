// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A picture and its hole as the masked autoencoder sees them.
public struct MaskedInput {
  /// [1, S, S, 3], normalised; 0, the mean colour, in the hole.
  let pixels: Tensor
  /// [1, S, S, 1], 0 ... 1, 1 = hole.
  let mask: Tensor

  /// Squashes a whole picture, whatever its shape, to `side` x `side` pixels.
  ///
  /// image: [1, H, W, 3] in -1 ... 1, taken by area; mask: [1, H, W, 1] in 0 ... 1, 1 = hole, taken by the nearest
  /// pixel, soft values kept.  A pixel is hidden from 0.5 on (MAE-FAR's and ASUKA's preparation).
  public init(_ image: Tensor, mask: Tensor, side: Int) {
    precondition(
      image.dim(0) == 1 && image.dim(3) == 3 && mask.shape == image.shape.dropLast() + [1],
      "picture \(image.shape), mask \(mask.shape)")
    self.mask = resizeNearest(mask, height: side, width: side)
    pixels = Tensor([1, side, side, 3], repeating: 0, in: image.workspace)
    pixels.keepInPlace(where: self.mask.atLeast(0.5), of: ImageNet.normalized(resizeArea(image, height: side, width: side)))
  }
}

/// The mean and deviation of ImageNet's colours in 0 ... 1 (torchvision), for values in -1 ... 1.
enum ImageNet {
  private static let mean: [Float] = [0.485, 0.456, 0.406]
  private static let deviation: [Float] = [0.229, 0.224, 0.225]

  /// [N, H, W, 3]: ((x + 1) / 2 - mean) / deviation
  static func normalized(_ x: Tensor) -> Tensor {
    x.scaledChannels(deviation.map { 0.5 / $0 }, adding: zip(mean, deviation).map { (0.5 - $0) / $1 })
  }

  /// [N, H, W, 3]: (x deviation + mean) 2 - 1
  static func denormalized(_ x: Tensor) -> Tensor {
    x.scaledChannels(deviation.map { $0 * 2 }, adding: mean.map { $0 * 2 - 1 })
  }
}
