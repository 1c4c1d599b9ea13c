import Checkpoints
import StableDiffusion

/// What shapes a model of ASUKA, read from its part of a pack.
package protocol PartConfiguration {
  /// The part's name in a pack.
  static var part: String { get }
  /// Throws `CheckpointError` for sizes that do not fit each other.
  init(_ json: JSON) throws
  /// From a file without configuration, as the published ones are.  Throws as above, and for another model's tensors.
  init(inferredFrom weights: Weights) throws
}

extension PartConfiguration {
  /// That of the part's config.json, else what its tensors' shapes say.  Throws `CheckpointError` if the pack has no
  /// such part.
  package init(_ pack: OpenedPack) throws { try self.init(pack, pack.weights(Self.part)) }

  fileprivate init(_ pack: OpenedPack, _ weights: Weights) throws {
    self = try pack.explaining(Self.part) {
      try pack.configuration(Self.part, orInferred: true).map { try Self($0) } ?? Self(inferredFrom: weights)
    }
  }
}

extension MaskedAutoencoderConfiguration: PartConfiguration { package static var part: String { "mae" } }
extension AlignmentConfiguration: PartConfiguration { package static var part: String { "alignment" } }
extension HarmonizingDecoderConfiguration: PartConfiguration {
  package static var part: String { "harmonizing_decoder" }
}

extension MaskedAutoencoder {
  /// Throws `CheckpointError` if the pack has no such masked autoencoder.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights(MaskedAutoencoderConfiguration.part)
    try self.init(weights, MaskedAutoencoderConfiguration(pack, weights))
  }
}

extension AlignmentModule {
  /// Throws `CheckpointError` if the pack has no such alignment module, or one that was trained for FLUX.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights(AlignmentConfiguration.part)
    try self.init(weights, AlignmentConfiguration(pack, weights))
  }
}

extension HarmonizingDecoder {
  /// Throws `CheckpointError` if the pack has no such decoder.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights(HarmonizingDecoderConfiguration.part)
    try self.init(weights, HarmonizingDecoderConfiguration(pack, weights))
  }
}
