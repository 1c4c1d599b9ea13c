// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A square convolution over pictures, to which LoRAs can add.  x: [N, H, W, Cin] -> [N, H', W', Cout]
public struct Conv2D {
  let convolution: Convolution
  private let lowRank: LowRankSlot

  /// Bytes that a 3x3 convolution over images of `pixels` pixels takes beside its input and result, for all threads.
  public static func scratchBytes(images: Int = 1, pixels: Int, channels: Int, outputs: Int) -> Int {
    Arithmetic.float32.convolutionBytes(images: images, pixels: pixels, channels: channels, outputs: outputs)
  }

  /// Reads `weight` [Cout, Cin, kernel, kernel] and, where it has one, `bias` [Cout].  Without a `padding`, a stride of 1
  /// keeps the picture's size (kernels are odd).
  public init(
    _ builder: ModelBuilder, in channels: Int, out outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Padding? = nil,
    hasBias: Bool = true
  ) throws {
    convolution = Convolution(
      weight: try builder.packedWeights(outputs: outputs, inputs: channels, kernel: kernel),
      bias: hasBias ? try builder.vector("bias", count: outputs) : [], kernel: kernel, stride: stride,
      padding: padding ?? Padding(before: kernel / 2, after: kernel / 2))
    lowRank = builder.lowRankSlot(inputs: channels, outputs: outputs, kernel: kernel)
  }

  /// `perImage` [N or 1, Cout] is added to every pixel of its image, `residual`, of the result's shape, to the whole, before
  /// the activation.  inPlace: the result takes the residual's place.
  public func callAsFunction(
    _ x: Features, addingPerImage perImage: Tensor? = nil, adding residual: Tensor? = nil, inPlace: Bool = false,
    _ activation: Activation = .none
  ) -> Tensor {
    convolution(x, addingPerImage: perImage, adding: residual, inPlace: inPlace, lowRank.addition, activation)
  }

  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil, _ activation: Activation = .none) -> Tensor {
    self(Features(x), adding: residual, activation)
  }
}
