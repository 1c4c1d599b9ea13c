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

extension AlignmentModule {
  /// Throws `CheckpointError` if the pack has no such alignment module, or one that was trained for FLUX.
  public init(_ pack: ModelPack) throws {
    let weights = try pack.weights("alignment")
    let configuration = try pack.explaining("alignment") {
      try pack.configuration("alignment", orInferred: true).map(AlignmentConfiguration.init)
        ?? AlignmentConfiguration(inferredFrom: weights)
    }
    try self.init(weights, configuration)
  }
}

extension HarmonizingDecoder {
  /// Throws `CheckpointError` if the pack has no such decoder.
  public init(_ pack: ModelPack) throws {
    let weights = try pack.weights("harmonizing_decoder")
    let configuration = try pack.explaining("harmonizing_decoder") {
      try pack.configuration("harmonizing_decoder", orInferred: true).map(HarmonizingDecoderConfiguration.init)
        ?? HarmonizingDecoderConfiguration(inferredFrom: weights)
    }
    try self.init(weights, configuration)
  }
}
