// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A square convolution over pictures.  x: [N, H, W, Cin] -> [N, H', W', Cout]
public struct Conv2D {
  let weight: PackedWeights
  let bias: [Float]  // empty for none
  let lowRank: LowRankSlot
  let kernel: Int
  let stride: Int
  let padding: Padding

  /// Bytes that a 3x3 convolution over images of `pixels` pixels takes beside its input and result, for all threads.
  public static func scratchBytes(images: Int = 1, pixels: Int, channels: Int, outputs: Int) -> Int {
    Arithmetic.float32.convolutionBytes(images: images, pixels: pixels, channels: channels, outputs: outputs)
  }

  /// Reads `weight` [Cout, Cin, kernel, kernel] and, where it has one, `bias` [Cout].  Without a `padding`, a stride of 1 keeps the
  /// picture's size (kernels are odd).
  public init(
    _ builder: ModelBuilder, in channels: Int, out outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Padding? = nil,
    hasBias: Bool = true
  ) throws {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? Padding(before: kernel / 2, after: kernel / 2)
    weight = try builder.packedWeights(outputs: outputs, inputs: channels, kernel: kernel)
    bias = hasBias ? try builder.vector("bias", count: outputs) : []
    lowRank = builder.lowRankSlot(inputs: channels, outputs: outputs, kernel: kernel)
  }

  /// `perImage` [N or 1, Cout] is added to every pixel of its image, `residual`, of the result's shape, to the whole, before
  /// the activation.
  public func callAsFunction(
    _ x: Features, addingPerImage perImage: Tensor? = nil, adding residual: Tensor? = nil, _ activation: Activation = .none
  ) -> Tensor {
    let shape = x.outerShape
    precondition(
      shape.count == 3 && x.channels == weight.inputs,
      "a convolution of \(weight.inputs) channels got \(shape) x \(x.channels)")
    let (images, outputs) = (shape[0], weight.outputs)
    let height = (shape[1] + padding.before + padding.after - kernel) / stride + 1
    let width = (shape[2] + padding.before + padding.after - kernel) / stride + 1
    let result = Tensor([images, height, width, outputs], in: x.workspace)
    precondition(residual == nil || residual!.shape == result.shape, "residual \(residual!.shape) for \(result.shape)")
    precondition(
      perImage == nil || perImage!.shape == [images, outputs] || perImage!.shape == [1, outputs],
      "\(perImage!.shape) added to the images of \(result.shape)")
    let rows = x.rows(kernel: kernel, stride: stride, padding: padding)
    let count = images * height * width
    let residual = lowRank.addition.map { $0(rows, count: count, adding: residual, in: x.workspace) } ?? residual
    weight.multiply(rows, Epilogue(bias: bias, perImage: perImage, residual: residual, activation: activation), to: result)
    withExtendedLifetime(x) {}
    return result
  }

  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil, _ activation: Activation = .none) -> Tensor {
    self(Features(x), adding: residual, activation)
  }
}
