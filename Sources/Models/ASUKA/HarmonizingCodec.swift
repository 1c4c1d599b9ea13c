// SPDX-License-Identifier: LGPL-3.0-or-later
import StableDiffusion
import Numerics

/// A codec whose latents are decoded by a harmonizing decoder, for one picture.
public struct HarmonizingCodec: LatentCodec {
  private let codec: any LatentCodec
  private let decoder: HarmonizingDecoder
  private let image: Tensor
  private let mask: Tensor

  /// codec: encodes; its latents are the decoder's.  image, mask: as for `HarmonizingDecoder.decode`.
  public init(_ codec: any LatentCodec, _ decoder: HarmonizingDecoder, image: Tensor, mask: Tensor) {
    self.codec = codec
    self.decoder = decoder
    self.image = image
    self.mask = mask
  }

  public var latentChannels: Int { codec.latentChannels }
  public var downscale: Int { codec.downscale }
  public func encode(_ image: Tensor) throws -> Tensor { try codec.encode(image) }
  public func decode(_ latents: Tensor) throws -> Tensor { try decoder.decode(latents, image: image, mask: mask) }
}
