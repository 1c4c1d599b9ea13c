// SPDX-License-Identifier: LGPL-3.0-or-later
import Layers
import Numerics

/// The denoising UNet of Stable Diffusion (Rombach et al. 2022), with or without the five extra channels of inpainting.
public struct UNet2DConditionModel: MixedPrecisionModel {
  public static let isQuantizable = true
  public static let exactParts: Set = ["time_embedding", "conv_in", "conv_out"]

  public let configuration: UNetConfiguration
  let timeEmbedding: TimeEmbedding  // time_embedding
  let convIn: Conv2D  // conv_in
  let downBlocks: [DownBlock]  // down_blocks
  let midBlock: MidBlock  // mid_block
  let upBlocks: [UpBlock]  // up_blocks
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out
  let lowRankLayers: LowRankLayers

  /// Throws `CheckpointError` if a tensor is missing or misshapen.
  public init(_ builder: ModelBuilder, _ configuration: UNetConfiguration) throws {
    let c = configuration
    let width = c.blockOutChannels[0]
    self.configuration = c
    timeEmbedding = try TimeEmbedding(builder["time_embedding"], channels: width, width: c.timeWidth, condition: c.timeConditionWidth)
    convIn = try Conv2D(builder["conv_in"], in: c.inChannels, out: width)
    downBlocks = try (0..<c.levels).map { try DownBlock(builder["down_blocks"][$0], level: $0, c) }
    midBlock = try MidBlock(builder["mid_block"], c)
    upBlocks = try (0..<c.levels).map { try UpBlock(builder["up_blocks"][$0], index: $0, c) }
    normOut = try GroupNorm(builder["conv_norm_out"], channels: width, groups: c.normGroups, epsilon: c.normEpsilon)
    convOut = try Conv2D(builder["conv_out"], in: width, out: c.outChannels)
    lowRankLayers = builder.lowRankLayers
  }

  /// One pass.  x: [N, h, w, inChannels], timestep: 0 or more, context: one entry an image -> [N, h, w, outChannels]
  ///
  /// guidance: what a latent consistency model is told, 1 for none; others do not know it.
  /// Throws `Cancelled` between two layers.
  public func callAsFunction(
    _ x: Tensor, timestep: Float, guidance: Double? = nil, _ context: PreparedContext
  ) throws -> Tensor {
    var deep: Tensor?
    return try self(x, timestep: timestep, guidance: guidance, context, deep: &deep)
  }

  /// The same, of which an earlier pass may have made a part (DeepCache: Ma et al. 2024, of their first branch).
  ///
  /// deep: what the first layer of the last block has made of all that is coarser; where it is nil all layers run, and it
  /// is set, else only the first and the last ones run.
  public func callAsFunction(
    _ x: Tensor, timestep: Float, guidance: Double? = nil, _ context: PreparedContext, deep: inout Tensor?
  ) throws -> Tensor {
    var context = context.reader
    let time = timeEmbedding(timestep, guidance: guidance, in: x.workspace)  // [1, T]
    time.siluInPlace()

    var h = convIn(x)
    var skips = [h]
    let (first, last) = (downBlocks[0], upBlocks[upBlocks.count - 1])
    if let deep {
      // One skip for each of the last layers: from above, and of these.
      h = try first(h, layers: 0..<first.resnets.count - 1, time: time, &context, skips: &skips)
      context.skip(allBut: last.attentions.dropFirst().reduce(0) { $0 + $1.blocks.count })
      h = deep
    } else {
      for block in downBlocks { h = try block(h, time: time, &context, skips: &skips) }
      h = try midBlock(h, time: time, &context)
      for block in upBlocks.dropLast() { h = try block(h, time: time, &context, skips: &skips) }
      h = try last(h, layers: 0..<1, time: time, &context, skips: &skips)
      deep = h
    }
    h = try last(h, layers: 1..<last.resnets.count, time: time, &context, skips: &skips)
    return convOut(normOut(h, silu: true))
  }

  /// The keys and values of all cross-attentions, which stay the same through all steps.
  ///
  /// contexts: [1, S, crossAttentionWidth], one for each image of a pass; lengths may differ.
  public func prepare(_ contexts: [Tensor]) -> PreparedContext {
    let transformers = downBlocks.flatMap(\.attentions) + [midBlock.attention] + upBlocks.flatMap(\.attentions)
    return PreparedContext(
      layers: transformers.flatMap(\.blocks).map { block in
        contexts.flatMap { block.crossAttention.keysValues($0) }
      })
  }
}

/// Cross-attention keys and values for one UNet, in the order in which its layers run.
public struct PreparedContext {
  let layers: [[KeysValues]]
  var reader: Reader { Reader(layers: layers) }
  /// The last picture's alone.
  var last: PreparedContext { PreparedContext(layers: layers.map { $0.suffix(1) }) }

  /// Hands each layer its own.
  struct Reader {
    fileprivate let layers: [[KeysValues]]
    private var position = 0

    fileprivate init(layers: [[KeysValues]]) { self.layers = layers }

    /// Goes to the last `count` layers.
    mutating func skip(allBut count: Int) { position = layers.count - count }

    mutating func next() -> [KeysValues] {
      position += 1
      return layers[position - 1]
    }
  }
}
