// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// A model that is read whole from a part of a pack.
public protocol PackModel: SendableMetatype {
  static var part: PackPart { get }
  /// Throws `CheckpointError` if the pack has no such part, or one that cannot be used.
  init(_ pack: OpenedPack) throws
  /// The same with its products in an arithmetic, if it is a `MixedPrecisionModel`.
  init(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws
  /// Bytes of its weights when it has been read so.  Throws `CheckpointError` if the pack has no such part.
  static func byteCount(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws -> Int
}

extension PackModel {
  public init(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws { try self.init(pack) }

  public static func byteCount(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws -> Int { try pack.byteCount(part) }
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
  public init(_ weights: Weights, _ configuration: Configuration, _ arithmetic: LayerArithmetic = .float32) throws {
    try self.init(ModelBuilder(weights, arithmetic), configuration)
    try weights.finish()
  }
}

/// A model whose layers need not be multiplied in float32: one that most of the time goes into.
public protocol MixedPrecisionModel: LayeredModel {
  /// Whether int8 is for it, too: its weights are most of the memory.
  static var isQuantizable: Bool { get }
  /// Parts whose layers are float32 all the same, by a component of their paths: small ones through which all goes.
  static var exactParts: Set<String> { get }
}

extension MixedPrecisionModel {
  public init(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws {
    try self.init(pack.weights(Self.part), Configuration(pack, Self.part), Self.layers(arithmetic))
  }

  public static func byteCount(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws -> Int {
    try layers(arithmetic).byteCount(pack.weights(part))
  }

  private static func layers(_ arithmetic: Arithmetic) -> LayerArithmetic {
    arithmetic.isQuantized && !isQuantizable ? .float32 : LayerArithmetic(arithmetic, exactParts: exactParts)
  }
}
