// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// The autoencoder in a pack's `vae`, of the kind that it is there.
public struct PackAutoencoder: PackModel {
  public static let part = AutoencoderConfiguration.part

  public let codec: any LatentCodec

  public init(_ pack: OpenedPack) throws { try self.init(pack, .float32) }

  public init(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws {
    codec = try Self.isTiny(pack)
      ? AutoencoderTiny(pack, AutoencoderTinyConfiguration.inPlaceOfFull) : AutoencoderKL(pack, arithmetic)
  }

  public static func byteCount(_ pack: OpenedPack, _ arithmetic: Arithmetic) throws -> Int {
    try isTiny(pack) ? pack.byteCount(part) : AutoencoderKL.byteCount(pack, arithmetic)
  }

  static func configuration(_ pack: OpenedPack) throws -> any CodecConfiguration {
    try isTiny(pack)
      ? AutoencoderTinyConfiguration(pack, AutoencoderTinyConfiguration.inPlaceOfFull) : AutoencoderConfiguration(pack)
  }

  /// Whether it is an `AutoencoderTiny`: by its config.json, or where there is none by TAESD's own files.
  public static func isTiny(_ pack: OpenedPack) throws -> Bool {
    if let json = try pack.object(part.name + "/config.json") { return json["_class_name"]?.string == "AutoencoderTiny" }
    return try pack.hasPiece(of: part)
  }
}
