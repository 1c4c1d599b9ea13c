// SPDX-License-Identifier: LGPL-3.0-or-later
/// A file of named tensors, whatever its format.  One more format is one more type that conforms.
protocol TensorSource: AnyObject, Sendable {
  var path: String { get }
  /// What the file says of its tensors, checked against the file's size.
  var tensors: [String: TensorDescription] { get }
  /// Texts that the file has beside its tensors; no format but safetensors has any.
  var metadata: [String: String] { get }
  /// Reads one of `tensors`; `rows` cuts its first dimension.  The values are as they are, finite or not.
  ///
  /// Throws if the file cannot be read, or became shorter.
  func read(_ name: String, rows: Range<Int>?) throws -> StoredTensor
}

extension TensorSource {
  var metadata: [String: String] { [:] }
}

/// A tensor's type and shape.  Their product is known not to overflow.
struct TensorDescription: Equatable, Sendable {
  let type: ElementType
  let shape: [Int]
  let byteCount: Int

  static let maximumRank = 8

  /// nil where a dimension is negative, where there are too many, or where the sizes overflow.
  init?(_ type: ElementType, _ shape: [Int]) {
    guard shape.count <= Self.maximumRank, shape.allSatisfy({ $0 >= 0 }) else { return nil }
    // An empty tensor's other dimensions could overflow behind its zero.
    var nonempty = type.byteCount
    for size in shape {
      let (product, overflow) = nonempty.multipliedReportingOverflow(by: max(size, 1))
      guard !overflow else { return nil }
      nonempty = product
    }
    self.type = type
    self.shape = shape
    byteCount = shape.contains(0) ? 0 : nonempty
  }

  /// These rows of the first dimension, which must exist.
  func rows(_ rows: Range<Int>) -> TensorDescription {
    TensorDescription(type, [rows.count] + shape.dropFirst())!
  }
}

/// Opens a file of tensors by its content, whatever its name.
///
/// Throws `CheckpointError` where it is of no known format, saying what it is instead if that can be seen.
func openTensorSource(_ path: String) throws -> any TensorSource {
  let file = try RegularFile(path)
  switch try FileStart(file) {
  case .zip: return try TorchFile(file)
  case .unreadable(let reason): throw CheckpointError("\(path): \(reason)")
  case .unknown where isTorchName(path):
    throw CheckpointError(
      "\(path): not a readable torch file: no zip archive; download it again or convert the checkpoint to .safetensors")
  case .safetensors, .unknown: return try SafetensorsFile(file)
  }
}

/// What a file's first bytes say of it.
private enum FileStart {
  case safetensors
  case zip  // torch.save since 1.6
  /// What is mistaken for a checkpoint, and what to do.
  case unreadable(String)
  case unknown

  init(_ file: RegularFile) throws {
    let start = try file.bytes(count: min(file.size, 16), at: 0)
    // A bare pickle of protocol 2 to 5.
    let isBarePickle = start.count > 1 && start[0] == 0x80 && (2...5).contains(start[1])
    // The brace that begins a safetensors header stands in none of the starts behind it.
    if start.starts(with: "GGUF".utf8) {
      self = .unreadable(
        "a GGUF file, as stable-diffusion.cpp reads them; take the same model as .safetensors or as a diffusers folder")
    } else if start.count > 8, start[8] == UInt8(ascii: "{") {
      self = .safetensors
    } else if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      self = .zip
    } else if start.isEmpty {
      self = .unreadable("empty file; download it again")
    } else if isBarePickle {
      self = .unreadable(
        "a torch file of the format before PyTorch 1.6, or another Python pickle; load it in PyTorch and save it again "
          + "with torch.save, or convert the checkpoint to .safetensors")
    } else if start.starts(with: "version https:".utf8) {
      self = .unreadable("a pointer of Git LFS, not the file itself; run git lfs pull")
    } else if start.starts(with: "<!DOCTYPE".utf8) || start.starts(with: "<html".utf8) {
      self = .unreadable("a web page, not a checkpoint; download it again")
    } else {
      self = .unknown
    }
  }
}

/// Whether a file's name says that it is torch.save's.
func isTorchName(_ path: String) -> Bool { [".ckpt", ".pt", ".pth", ".bin"].contains(where: path.hasSuffix) }
