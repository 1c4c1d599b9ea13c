// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// A model that is read whole from a part of a pack.
public protocol PackModel: SendableMetatype {
  static var part: PackPart { get }
  /// Throws `CheckpointError` if the pack has no such part, or one that cannot be used.
  init(_ pack: OpenedPack) throws
}

/// A model that its part's tensors and a configuration make, layer by layer.
public protocol LayeredModel: PackModel {
  associatedtype Configuration: PartConfiguration
  /// Makes the layers.  Throws `CheckpointError` where a tensor is missing or misshapen.
  init(_ builder: ModelBuilder, _ configuration: Configuration) throws
}

extension LayeredModel {
  public static var part: PackPart { Configuration.part }

  public init(_ pack: OpenedPack) throws { try self.init(pack, Self.part) }

  /// From the place of another kind's part.
  public init(_ pack: OpenedPack, _ part: PackPart) throws {
    let weights = try pack.weights(part)
    try self.init(weights, Configuration(pack, part))
  }

  /// Throws `CheckpointError` if a tensor is missing, misshapen or left over.
  public init(_ weights: Weights, _ configuration: Configuration) throws {
    try self.init(ModelBuilder(weights), configuration)
    try weights.finish()
  }
}
