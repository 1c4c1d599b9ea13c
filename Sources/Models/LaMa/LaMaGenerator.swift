// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// LaMa: Resolution-robust Large Mask Inpainting with Fourier Convolutions (Suvorov et al. 2022).  One pass fills a hole.
public struct LaMaGenerator: PackModel {
  public static let part = LaMaNames.part

  public let configuration: LaMaConfiguration
  private let first: FilterBank  // 1
  private let downsamplings: [FilterBank]  // 2, ..., but for the last
  private let toLocal: FilterBank  // the last downsampling's convl2l
  private let toGlobal: FilterBank  // its convl2g
  private let blocks: [FourierBlock]
  private let upsamplings: [FilterBank]
  private let last: FilterBank

  /// Throws `CheckpointError` where a tensor is missing, misshapen or left over.
  public init(_ pack: OpenedPack) throws { try self.init(pack.weights(Self.part)) }

  init(_ weights: Weights) throws {
    let sizes = try LaMaConfiguration(weights)
    configuration = sizes
    let builder = ModelBuilder(weights)
    /// A branch of a layer that has no global inputs.
    func branch(_ layer: Int, _ name: String, norm: String, in inputs: Int, out outputs: Int, kernel: Int = 3, stride: Int = 2)
      throws -> FilterBank
    {
      try FilterBank(
        Filters(builder[layer]["ffc"][name], in: inputs, out: outputs, kernel: kernel),
        norm: BatchNorm(builder[layer][norm], channels: outputs), stride: stride, activation: .relu)
    }
    let (widths, count) = (sizes.widths, sizes.downsamplings)
    first = try branch(1, "convl2l", norm: "bn_l", in: 4, out: widths[0], kernel: 7, stride: 1)
    downsamplings = try (0..<count - 1).map { level in
      try branch(2 + level, "convl2l", norm: "bn_l", in: widths[level], out: widths[level + 1])
    }
    toLocal = try branch(1 + count, "convl2l", norm: "bn_l", in: widths[count - 1], out: sizes.localWidth)
    toGlobal = try branch(1 + count, "convl2g", norm: "bn_g", in: widths[count - 1], out: sizes.globalWidth)
    blocks = try (0..<sizes.blocks).map { block in
      try FourierBlock(builder[sizes.firstBlock + block], local: sizes.localWidth, global: sizes.globalWidth)
    }
    upsamplings = try (0..<count).map { step in
      let (layer, inputs, outputs) = (sizes.firstUpsampling + 3 * step, widths[count - step], widths[count - step - 1])
      let bias = try weights[layer].floats("bias", shape: [outputs])
      let norm = try BatchNorm(builder[layer + 1], channels: outputs).adding(bias: bias)
      return try FilterBank(
        Filters(transposed: builder[layer], in: inputs, out: outputs),
        norm: norm.channels((0..<4 * outputs).map { $0 % outputs }), padding: Padding(before: 0, after: 1),
        activation: .relu)
    }
    last = try FilterBank(
      Filters(builder[sizes.lastConvolution], in: widths[0], out: 3, kernel: 7),
      bias: weights[sizes.lastConvolution].floats("bias", shape: [3]))
    try weights.finish()
  }

  /// picture: [1, H, W, 3], 0 ... 1; mask: [1, H, W, 1], 1 in the hole, else 0 -> [1, H, W, 3], 0 ... 1.
  /// Sides are multiples of `configuration.cell`, and at least its `smallestSide`.
  ///
  /// Throws `Cancelled` where the workspace was.
  public func callAsFunction(_ picture: Tensor, mask: Tensor, progress: (Progress) -> Void) throws -> Tensor {
    let (cell, sides) = (configuration.cell, [picture.dim(1), picture.dim(2)])
    precondition(sides.allSatisfy { $0 % cell == 0 && $0 >= configuration.smallestSide }, "a picture of \(picture.shape)")
    let workspace = picture.workspace
    let nothing = Tensor(picture.shape, repeating: 0, in: workspace)
    nothing.keepInPlace(where: mask, of: picture)
    var x = first(concatenate(nothing, mask))  // [1, H, W, 64]
    for downsampling in downsamplings {
      try workspace.checkCancellation()
      x = downsampling(x)  // [1, H/4, W/4, 256]
    }
    var branches = (local: toLocal(x), global: toGlobal(x))  // [1, H/8, W/8, 128], [1, H/8, W/8, 384]
    for (number, block) in blocks.enumerated() {
      try workspace.checkCancellation()
      progress(Progress(fraction: Double(number + 1) / Double(blocks.count + 2), stage: "Painting"))
      branches = block(branches)
    }
    x = concatenate(branches.local, branches.global)
    for upsampling in upsamplings {
      try workspace.checkCancellation()
      x = upsampling(x).depthToSpace(2)  // [1, H, W, 64]
    }
    let result = last(x)
    result.sigmoidInPlace()
    return result
  }
}
