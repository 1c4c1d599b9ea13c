import Checkpoints
import Tensors

/// What shapes an `AutoencoderKL`; names as in diffusers' `vae/config.json`.
public struct AutoencoderConfiguration: Equatable, Sendable {
  /// Channels of each level, finest first.
  public var blockOutChannels = [128, 256, 512, 512]
  public var layersPerBlock = 2
  public var latentChannels = 4
  public var normGroups = 32
  /// Brings latents to about unit variance.
  public var scalingFactor: Float = 0.18215
  /// 1x1 convolutions between the encoder, the latents and the decoder.
  public var quantConvolutions = true

  /// SD 1.5 and SD 2.
  public init() {}

  /// Pixels along a side of one latent cell.
  public var downscale: Int { 1 << (blockOutChannels.count - 1) }

  /// The most memory that the tensors of a pass over `pixels` pixels take at once, in bytes.
  ///
  /// A decoder's level holds most in its first residual block: what comes from the level below, the shortcut's result and
  /// two of its own.  The finest holds most of all, as long as the widths less than quadruple.  Beside them are the
  /// pictures of three channels and masks, and what a convolution transforms (`Conv2D`).
  package func activationBytes(pixels: Int) -> Int {
    let below = Array(blockOutChannels.dropFirst()) + [0]
    let channels = zip(blockOutChannels, below).enumerated().map { level, widths in
      (3 * widths.0 + max(widths.0, widths.1)) >> (2 * level)
    }.max() ?? 0
    let scratch = zip(blockOutChannels, below).enumerated().map { level, widths in
      Conv2D.scratchBytes(pixels: pixels >> (2 * level), channels: max(widths.0, widths.1), outputs: widths.0)
    }.max() ?? 0
    return pixels * (channels + 16) * MemoryLayout<Float>.stride + scratch
  }
}

/// Variational autoencoder with a KL penalty (Kingma and Welling 2014; Rombach et al. 2022).
///
/// Encoding gives the posterior's mean: no random draw.
public struct AutoencoderKL {
  public let configuration: AutoencoderConfiguration
  let encoder: Encoder
  let quantConv: Linear?  // quant_conv
  let postQuantConv: Linear?  // post_quant_conv
  let decoder: Decoder

  /// Throws `CheckpointError` if a tensor is missing, misshapen or left over.
  public init(_ weights: Weights, _ configuration: AutoencoderConfiguration) throws {
    self.configuration = configuration
    let moments = 2 * configuration.latentChannels
    let latents = configuration.latentChannels
    encoder = try Encoder(weights["encoder"], configuration)
    decoder = try Decoder(weights["decoder"], configuration)
    quantConv = configuration.quantConvolutions
      ? try Linear(weights["quant_conv"], in: moments, out: moments) : nil
    postQuantConv = configuration.quantConvolutions
      ? try Linear(weights["post_quant_conv"], in: latents, out: latents) : nil
    try weights.finish()
  }

  /// image: [N, H, W, 3] in -1 ... 1, sides multiples of `downscale` -> scaled latents [N, H / 8, W / 8, 4]
  public func encode(_ image: Tensor) throws -> Tensor {
    let hidden = try encoder(image)
    let moments = quantConv.map { $0(hidden) } ?? hidden  // [N, h, w, mean | log variance]
    return moments.channels(0..<configuration.latentChannels).scaled(by: configuration.scalingFactor)
  }

  /// Scaled latents [N, h, w, 4] -> image [N, 8 h, 8 w, 3], about -1 ... 1
  public func decode(_ latents: Tensor) throws -> Tensor {
    let unscaled = latents.divided(by: configuration.scalingFactor)
    return try decoder(postQuantConv.map { $0(unscaled) } ?? unscaled)
  }
}
