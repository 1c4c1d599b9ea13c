// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// Variational autoencoder with a KL penalty (Kingma and Welling 2014; Rombach et al. 2022).
///
/// Encoding gives the posterior's mean: no random draw.
public struct AutoencoderKL: MixedPrecisionModel {
  public static let isQuantizable = false
  public static let exactParts: Set = ["conv_in", "conv_out", "quant_conv", "post_quant_conv"]

  public let configuration: AutoencoderConfiguration
  let encoder: Encoder
  let quantConv: Linear?  // quant_conv
  let postQuantConv: Linear?  // post_quant_conv
  let decoder: Decoder

  /// Throws `CheckpointError` if a tensor is missing or misshapen.
  public init(_ builder: ModelBuilder, _ configuration: AutoencoderConfiguration) throws {
    self.configuration = configuration
    let moments = 2 * configuration.latentChannels
    let latents = configuration.latentChannels
    encoder = try Encoder(builder["encoder"], configuration)
    decoder = try Decoder(builder["decoder"], configuration)
    quantConv = configuration.quantConvolutions
      ? try Linear(builder["quant_conv"], in: moments, out: moments) : nil
    postQuantConv = configuration.quantConvolutions
      ? try Linear(builder["post_quant_conv"], in: latents, out: latents) : nil
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
