import Checkpoints
import Tensors

/// The denoising UNet of Stable Diffusion (Rombach et al. 2022), with the five extra channels of inpainting.
public struct UNet2DConditionModel {
  public let configuration: UNetConfiguration
  let timeEmbedding: TimeEmbedding  // time_embedding
  let convIn: Conv2D  // conv_in
  let downBlocks: [DownBlock]  // down_blocks
  let midBlock: MidBlock  // mid_block
  let upBlocks: [UpBlock]  // up_blocks
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out
  let lowRankLayers: LowRankLayers

  /// Throws `CheckpointError` if a tensor is missing, misshapen or left over.
  public init(_ weights: Weights, _ configuration: UNetConfiguration) throws {
    let c = configuration
    self.configuration = c
    let widths = c.blockOutChannels
    func resnet(_ weights: Weights, _ channels: Int, _ outputs: Int) throws -> ResnetBlock {
      try ResnetBlock(
        weights, in: channels, out: outputs, time: c.timeWidth, groups: c.normGroups, epsilon: c.normEpsilon)
    }
    func transformer(_ weights: Weights, level: Int) throws -> SpatialTransformer {
      try SpatialTransformer(
        weights, channels: widths[level], heads: c.heads[level], layers: c.transformerLayers[level],
        contextWidth: c.crossAttentionWidth, groups: c.normGroups)
    }

    timeEmbedding = try TimeEmbedding(weights["time_embedding"], channels: widths[0], width: c.timeWidth)
    convIn = try Conv2D(weights["conv_in"], in: c.inChannels, out: widths[0])

    downBlocks = try (0..<c.levels).map { level in
      let block = weights["down_blocks"][level]
      return DownBlock(
        resnets: try (0..<c.layersPerBlock).map {
          try resnet(block["resnets"][$0], $0 == 0 ? widths[max(level - 1, 0)] : widths[level], widths[level])
        },
        attentions: try c.downAttention[level]
          ? (0..<c.layersPerBlock).map { try transformer(block["attentions"][$0], level: level) } : [],
        downsample: level == c.levels - 1
          ? nil
          : try Conv2D(block["downsamplers"][0]["conv"], in: widths[level], out: widths[level], stride: 2, padding: .one))
    }

    let last = c.levels - 1
    midBlock = MidBlock(
      resnet1: try resnet(weights["mid_block"]["resnets"][0], widths[last], widths[last]),
      attention: try transformer(weights["mid_block"]["attentions"][0], level: last),
      resnet2: try resnet(weights["mid_block"]["resnets"][1], widths[last], widths[last]))

    upBlocks = try (0..<c.levels).map { index in
      let level = last - index
      let block = weights["up_blocks"][index]
      // The skips of a level: its own results, and last the one that came into the level on the way down.
      let skips = [Int](repeating: widths[level], count: c.layersPerBlock) + [widths[max(level - 1, 0)]]
      let below = widths[min(level + 1, last)]
      return UpBlock(
        resnets: try skips.enumerated().map { number, skip in
          try resnet(block["resnets"][number], (number == 0 ? below : widths[level]) + skip, widths[level])
        },
        attentions: try c.upAttention[index]
          ? skips.indices.map { try transformer(block["attentions"][$0], level: level) } : [],
        upsample: level == 0
          ? nil : try Conv2D(block["upsamplers"][0]["conv"], in: widths[level], out: widths[level]))
    }

    normOut = try GroupNorm(
      weights["conv_norm_out"], channels: widths[0], groups: c.normGroups, epsilon: c.normEpsilon)
    convOut = try Conv2D(weights["conv_out"], in: widths[0], out: c.outChannels)
    lowRankLayers = LowRankLayers(weights)
    try weights.finish()
  }

  /// One pass.  x: [N, h, w, inChannels], timestep: 0 ..< 1000, context: one entry an image -> [N, h, w, outChannels]
  ///
  /// Throws `Cancelled` between two layers.
  public func callAsFunction(_ x: Tensor, timestep: Float, _ context: PreparedContext) throws -> Tensor {
    var context = context.reader
    let time = timeEmbedding(timestep, in: x.workspace)  // [1, T]
    time.siluInPlace()

    var h = convIn(x)
    var skips = [h]
    for block in downBlocks { h = try block(h, time: time, &context, skips: &skips) }
    h = try midBlock(h, time: time, &context)
    for block in upBlocks { h = try block(h, time: time, &context, skips: &skips) }
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

  /// Hands each layer its own.
  struct Reader {
    fileprivate let layers: [[KeysValues]]
    private var position = 0

    fileprivate init(layers: [[KeysValues]]) { self.layers = layers }

    mutating func next() -> [KeysValues] {
      position += 1
      return layers[position - 1]
    }
  }
}
