import Tensors

/// What shapes a `UNet2DConditionModel`; names as in diffusers' `unet/config.json`.
public struct UNetConfiguration: Equatable, Sendable {
  public var inChannels = 9
  public var outChannels = 4
  /// Channels of each level, finest first.
  public var blockOutChannels = [320, 640, 1280, 1280]
  /// Whether each level's blocks, going down, have transformers (`CrossAttnDownBlock2D`) or not (`DownBlock2D`).
  public var downAttention = [true, true, true, false]
  /// The same for the blocks going up, coarsest first.
  public var upAttention = [false, true, true, true]
  public var layersPerBlock = 2
  /// Attention heads of each level.
  public var heads = [8, 8, 8, 8]
  /// Transformer blocks in each spatial transformer of each level.
  public var transformerLayers = [1, 1, 1, 1]
  public var crossAttentionWidth = 768
  public var normGroups = 32
  public var normEpsilon: Float = 1e-5
  /// Latent cells along a side of the pictures that the model was trained on.
  public var sampleSize = 64

  /// SD 1.5 inpainting.
  public init() {}

  var levels: Int { blockOutChannels.count }
  var timeWidth: Int { 4 * blockOutChannels[0] }

  /// The most memory that the tensors of a pass with guidance take at once, over pictures of `cells` latent cells, in
  /// bytes: about forty feature maps of the finest level for each of two pictures, with a LoRA's additions fifty; and
  /// what a convolution takes for itself, of a level's channels and those of the skip or of the level below.
  func activationBytes(cells: Int, withLoRA: Bool) -> Int {
    let channels = blockOutChannels.enumerated().map { level, width in width >> (2 * level) }.max() ?? 0
    let below = Array(blockOutChannels.dropFirst()) + [blockOutChannels.last ?? 0]
    let scratch = zip(blockOutChannels, below).enumerated().map { level, widths in
      Conv2D.scratchBytes(images: 2, pixels: cells >> (2 * level), channels: widths.0 + widths.1, outputs: widths.0)
    }.max() ?? 0
    return 2 * cells * channels * (withLoRA ? 50 : 40) * MemoryLayout<Float>.stride
      + scratch
  }
}
