import Checkpoints
import StableDiffusion

/// Each model from its part of a pack.

extension MaskedAutoencoder {
  /// Throws `CheckpointError` if the pack has no such masked autoencoder.
  public init(_ pack: ModelPack) throws {
    let weights = try pack.weights("mae")
    let configuration = try pack.explaining("mae") {
      try pack.configuration("mae", orInferred: true).map(MaskedAutoencoderConfiguration.init)
        ?? MaskedAutoencoderConfiguration(inferredFrom: weights)
    }
    try self.init(weights, configuration)
  }
}
