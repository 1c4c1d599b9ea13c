// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// What is known of a pack before its weights are read.
public struct ModelSummary: Sendable {
  /// "SD 1", "SD 2" or "Stable Diffusion" of another width; ", LCM" follows for a latent consistency model.
  public let family: String
  /// The longer side of the pictures that the model was trained on, in pixels.
  public let nativeSize: Int
  /// Whether the UNet sees the mask and the masked picture, being made for inpainting.
  public var seesMask: Bool { unet.seesMask }
  private let unet: UNetConfiguration
  private let autoencoder: any CodecConfiguration

  /// takesTiny: the pack's tiny autoencoder takes the place of its own.  Reads configurations and files' headers.  Throws
  /// where a part is missing or cannot be used.
  public init(_ pack: OpenedPack, takesTiny: Bool = false) throws {
    let unet = try UNetConfiguration(pack)
    let autoencoder = try takesTiny ? AutoencoderTinyConfiguration(pack) : PackAutoencoder.configuration(pack)
    let width = switch (unet.blockOutChannels.first, unet.crossAttentionWidth) {
    case (320, 768): "SD 1"
    case (320, 1024): "SD 2"
    default: "Stable Diffusion"
    }
    family = unet.timeConditionWidth == nil ? width : width + ", LCM"
    nativeSize = try pack.nativeSize(or: unet.sampleSize * autoencoder.downscale)
    (self.unet, self.autoencoder) = (unet, autoencoder)
  }

  /// A side of a picture, padded to whole latent cells.
  public func padded(_ side: Int) -> Int {
    (side + autoencoder.downscale - 1) / autoencoder.downscale * autoencoder.downscale
  }

  /// The most memory that the tensors of a run over `pixels` pixels take at once, in bytes.
  ///
  /// isGuided: a pass of the UNet is over two pictures.
  public func activationBytes(pixels: Int, isGuided: Bool = true, withLoRA: Bool = false) -> Int {
    let cells = pixels / (autoencoder.downscale * autoencoder.downscale)
    return max(
      autoencoder.activationBytes(pixels: pixels), unet.activationBytes(cells: cells, pictures: isGuided ? 2 : 1, withLoRA: withLoRA))
  }

  /// Bytes of the noise of `count` draws for a picture of `pixels` pixels.
  public func noiseBytes(pixels: Int, count: Int) -> Int {
    let cells = pixels / (autoencoder.downscale * autoencoder.downscale)
    return count * cells * autoencoder.latentChannels * MemoryLayout<Float>.stride
  }
}
