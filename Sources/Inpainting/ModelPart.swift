import ASUKA
import Checkpoints
import StableDiffusion

/// A part of a pack whose weights are read as a whole.  The raw values are the parts' names in a pack.
public enum ModelPart: String, CaseIterable, Sendable {
  case textEncoder = "text_encoder"
  case unet
  case autoencoder = "vae"
  case maskedAutoencoder = "mae"
  case alignment
  case harmonizingDecoder = "harmonizing_decoder"

  /// As its family declares it.
  var part: PackPart {
    switch self {
    case .textEncoder: TextEncoderConfiguration.part
    case .unet: UNetConfiguration.part
    case .autoencoder: AutoencoderConfiguration.part
    case .maskedAutoencoder: MaskedAutoencoderConfiguration.part
    case .alignment: AlignmentConfiguration.part
    case .harmonizingDecoder: HarmonizingDecoderConfiguration.part
    }
  }
}

extension OpenedPack {
  /// Whether the pack has a part (which may still be broken).
  public func has(_ part: ModelPart) -> Bool { has(part.part) }

  /// Bytes of the weights of all parts that the pack has.  Throws `CheckpointError` where one is broken.
  public func weightBytes() throws -> Int { try ModelPart.allCases.filter(has).reduce(0) { try $0 + byteCount($1) } }

  /// Bytes of a part's weights in their format.  Throws `CheckpointError` where there are none.
  public func byteCount(_ part: ModelPart) throws -> Int { try byteCount(part.part) }
}
