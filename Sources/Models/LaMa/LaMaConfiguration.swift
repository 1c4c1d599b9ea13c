// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers

/// The sizes of a LaMa, which its tensors' shapes tell.
public struct LaMaConfiguration: Equatable, Sendable {
  /// Channels at full size, at half of it and so on: 64, 128, 256, 512.
  public let widths: [Int]
  /// Of the last of them, those that Fourier convolutions spread over the whole picture: 384.
  public let globalWidth: Int
  /// Residual blocks: 9, of big-LaMa 18.
  public let blocks: Int

  /// A picture's sides are multiples of it.
  public var cell: Int { 1 << downsamplings }
  /// The least side: a border of 3 pixels, and in the blocks one of 1, is mirrored, and lies within the picture.
  public var smallestSide: Int { max(2 * cell, 4) }

  var downsamplings: Int { widths.count - 1 }
  var localWidth: Int { widths[downsamplings] - globalWidth }
  /// Layers' numbers in the file, in which activations and paddings count too.
  var firstBlock: Int { 2 + downsamplings }
  var firstUpsampling: Int { firstBlock + blocks + 1 }
  var lastConvolution: Int { firstUpsampling + 3 * downsamplings + 1 }

  private static let largestWidth = 4096

  /// The most memory that the tensors of a pass over so many pixels take at once, in bytes: at full size the input and
  /// the last upsampling's cells and pixels, or the first two layers', or six pictures of a block's width.
  public func activationBytes(pixels: Int) -> Int {
    let (wide, deep) = (widths[downsamplings], pixels / (cell * cell))
    let outer = pixels * (16 + 2 * widths[0]) + pixels / 4 * widths[1]
    let scratch = Conv2D.scratchBytes(pixels: deep, channels: wide, outputs: globalWidth)
    return max(outer, deep * 6 * wide + pixels * 4) * MemoryLayout<Float>.stride + scratch
  }

  /// Throws `CheckpointError` if a pack has no LaMa, or one that cannot be run.
  public init(_ pack: OpenedPack) throws { try self.init(pack.weights(LaMaNames.part)) }

  /// Throws `CheckpointError` for another model's tensors.
  init(_ weights: Weights) throws {
    func outputs(_ layer: Int, _ branch: String) throws -> Int? {
      let name = "\(layer).ffc.\(branch).weight"
      guard let shape = weights.shape(of: name) else { return nil }
      guard shape.count == 4, (1...Self.largestWidth).contains(shape[0]) else {
        throw CheckpointError("\(weights.file): tensor \(name) has shape \(shape), which no layer of LaMa has")
      }
      return shape[0]
    }
    var widths: [Int] = []
    var globalWidth: Int?
    while globalWidth == nil, widths.count < 8, let local = try outputs(1 + widths.count, "convl2l") {
      globalWidth = try outputs(1 + widths.count, "convl2g")
      widths.append(local + (globalWidth ?? 0))
    }
    let firstBlock = 1 + widths.count
    var blocks = 0
    while weights.shape(of: "\(firstBlock + blocks).conv1.ffc.convl2l.weight") != nil { blocks += 1 }
    guard widths.count > 1, let globalWidth, globalWidth % 4 == 0, blocks > 0 else {
      throw CheckpointError(
        "\(weights.file): not a LaMa that can be run; expected layers model.1.ffc, model.2.ffc, ..., then blocks "
          + "model.N.conv1.ffc with Fourier convolutions of a multiple of 4 channels")
    }
    (self.widths, self.globalWidth, self.blocks) = (widths, globalWidth, blocks)
  }
}
