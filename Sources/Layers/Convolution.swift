// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// A square convolution over pictures by weights that are packed.  x: [N, H, W, Cin] -> [N, H', W', Cout]
struct Convolution {
  let weight: PackedWeights
  let bias: [Float]  // empty for none
  let kernel: Int
  let stride: Int
  let padding: Padding

  /// `perImage` [N or 1, Cout] is added to every pixel of its image, `residual`, of the result's shape, and `addition` to
  /// the whole, before the activation.  inPlace: the result takes the residual's place.
  func callAsFunction(
    _ x: Features, addingPerImage perImage: Tensor? = nil, adding residual: Tensor? = nil, inPlace: Bool = false,
    _ addition: LowRankAddition? = nil, _ activation: Activation
  ) -> Tensor {
    let shape = x.outerShape
    precondition(
      shape.count == 3 && x.channels == weight.inputs,
      "a convolution of \(weight.inputs) channels got \(shape) x \(x.channels)")
    precondition(
      !padding.isMirrored || max(padding.before, padding.after) < min(shape[1], shape[2]), "no border of \(shape) to mirror")
    let (images, outputs) = (shape[0], weight.outputs)
    let height = (shape[1] + padding.before + padding.after - kernel) / stride + 1
    let width = (shape[2] + padding.before + padding.after - kernel) / stride + 1
    let own = inPlace ? residual : nil
    let result = own ?? Tensor([images, height, width, outputs], in: x.workspace)
    precondition(result.shape == [images, height, width, outputs], "\(result.shape) for the result of \(shape)")
    precondition(residual == nil || residual!.shape == result.shape, "residual \(residual!.shape) for \(result.shape)")
    precondition(
      perImage == nil || perImage!.shape == [images, outputs] || perImage!.shape == [1, outputs],
      "\(perImage!.shape) added to the images of \(result.shape)")
    let rows = x.rows(kernel: kernel, stride: stride, padding: padding)
    let residual = addition.map { $0(rows, count: images * height * width, adding: residual, in: x.workspace) } ?? residual
    weight.multiply(rows, Epilogue(bias: bias, perImage: perImage, residual: residual, activation: activation), to: result)
    withExtendedLifetime(x) {}
    return result
  }
}
