// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Pictures to a diffusion model's latents and back: an autoencoder.
public protocol LatentCodec {
  var latentChannels: Int { get }
  /// Pixels along a side of one latent cell.
  var downscale: Int { get }

  /// image: [N, H, W, 3] in -1 ... 1, sides multiples of `downscale` -> scaled latents [N, h, w, latentChannels].
  /// Throws `Cancelled`.
  func encode(_ image: Tensor) throws -> Tensor

  /// Scaled latents [N, h, w, latentChannels] -> image [N, H, W, 3], about -1 ... 1.  Throws `Cancelled`.
  func decode(_ latents: Tensor) throws -> Tensor
}

/// What is known of a codec before its weights are read.
package protocol CodecConfiguration: Sendable {
  var latentChannels: Int { get }
  var downscale: Int { get }
  /// The most memory that the tensors of a pass over `pixels` pixels take at once, in bytes.
  func activationBytes(pixels: Int) -> Int
}

extension AutoencoderConfiguration: CodecConfiguration {}

extension AutoencoderKL: LatentCodec {
  public var latentChannels: Int { configuration.latentChannels }
  public var downscale: Int { configuration.downscale }
}
