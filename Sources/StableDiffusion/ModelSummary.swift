import Checkpoints

/// What is known of a pack before its weights are read.
public struct ModelSummary: Sendable {
  /// "SD 1", "SD 2" or "Stable Diffusion" of another width.
  public let family: String
  /// The longer side of the pictures that the model was trained on, in pixels.
  public let nativeSize: Int
  private let unetChannels: Int
  private let autoencoderChannels: Int
  private let cellSize: Int

  /// Reads configurations and files' headers.  Throws where a part is missing or cannot be used.
  public init(_ pack: ModelPack) throws {
    let unet = try pack.unetConfiguration()
    let autoencoder = try pack.autoencoderConfiguration()
    switch (unet.blockOutChannels.first, unet.crossAttentionWidth) {
    case (320, 768): family = "SD 1"
    case (320, 1024): family = "SD 2"
    default: family = "Stable Diffusion"
    }
    cellSize = autoencoder.downscale
    let recommended = try pack.recommended()?["native_size"]?.int
    nativeSize = min(max(recommended ?? unet.sampleSize * cellSize, 64), 4096)
    unetChannels = unet.blockOutChannels[0]
    autoencoderChannels = autoencoder.blockOutChannels[0]
  }

  /// The most memory that a run over `pixels` pixels takes beside the weights, in bytes.
  ///
  /// The autoencoder's finest level holds about eight of its feature maps at once, the UNet's pass with guidance about
  /// forty of its finest for each of two pictures; one widened weight matrix and the scratch add what does not grow.
  public func activationBytes(pixels: Int) -> Int {
    let float = MemoryLayout<Float>.stride
    let autoencoder = pixels * autoencoderChannels * 8 * float
    let unet = 2 * pixels / (cellSize * cellSize) * unetChannels * 40 * float
    return max(autoencoder, unet) + unetChannels * unetChannels * 9 * 32 * float + (32 << 20)
  }
}
