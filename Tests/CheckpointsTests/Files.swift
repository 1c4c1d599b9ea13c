// SPDX-License-Identifier: LGPL-3.0-or-later
@testable import Checkpoints

extension StoredTensor {
  /// The values of a float32 tensor.
  var floats: [Float] { withExtendedLifetime(self) { Array(bytes.bindMemory(to: Float.self)) } }

  var byteArray: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }
}

/// The message of the `CheckpointError` that `body` throws; "" if it throws none.
func refusal(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch let error as CheckpointError {
    return error.message
  } catch {
    return "\(error)"
  }
}

/// A zip archive of stored entries, without checksums.
func storedArchive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  func field(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  func fields(_ values: (value: Int, width: Int)...) -> [UInt8] { values.flatMap { field($0.value, $0.width) } }
  let signature: [UInt8] = [0x50, 0x4B]
  var archive: [UInt8] = []
  var directory: [UInt8] = []
  for (name, bytes) in entries {
    let name = Array(name.utf8)
    // Flags, method, time, date and checksum; both sizes; the lengths of the name and of what follows it.
    let common = fields((0, 12), (bytes.count, 4), (bytes.count, 4), (name.count, 2), (0, 2))
    directory += signature + [1, 2] + field(0, 4)
    directory += common + field(0, 10) + field(archive.count, 4) + name
    archive += signature + [3, 4] + field(0, 2)
    archive += common + name + bytes
  }
  let end = fields((0, 4), (entries.count, 2), (entries.count, 2), (directory.count, 4), (archive.count, 4), (0, 2))
  return archive + directory + signature + [5, 6] + end
}

/// A torch file of this pickle, with a storage "0" of 96 bytes.
func torchFile(_ pickle: [UInt8]) -> [UInt8] {
  storedArchive([("archive/data.pkl", pickle), ("archive/data/0", [UInt8](0..<96)), ("archive/version", Array("3\n".utf8))])
}

extension PackPart {
  /// Parts as diffusers and transformers have them, and one that is published alone.
  static let unet = PackPart("unet", title: "the UNet", files: diffusersFiles)
  static let vae = PackPart("vae", title: "the VAE", files: diffusersFiles, canonicalName: CanonicalNames.autoencoder)
  static let textEncoder = PackPart(
    "text_encoder", title: "the text encoder", files: transformersFiles, canonicalName: CanonicalNames.textEncoder)
  static let mae = PackPart("mae", title: "the MAE", files: ["model.safetensors", "model.bin"], isPublishedAlone: true)
}
