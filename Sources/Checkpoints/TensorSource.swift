/// A file of named tensors, whatever its format.  One more format is one more type that conforms.
protocol TensorSource: AnyObject, Sendable {
  var path: String { get }
  /// What the file says of its tensors, checked against the file's size.
  var tensors: [String: TensorDescription] { get }
  /// Reads one of `tensors`; `rows` cuts its first dimension.  The values are as they are, finite or not.
  ///
  /// Throws if the file cannot be read, or became shorter.
  func read(_ name: String, rows: Range<Int>?) throws -> StoredTensor
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

/// Opens a file of tensors by its content.
///
/// Throws `CheckpointError` where it is of no known format, saying what it is instead if that can be seen.
func openTensorSource(_ path: String) throws -> any TensorSource {
  let file = try RegularFile(path)
  if let reason = try whyUnreadable(file) { throw CheckpointError("\(path): \(reason)") }
  return try SafetensorsFile(file)
}

private let pickleReason = "Python pickles are not read; convert the checkpoint to .safetensors"

/// What the first bytes say of a file that is mistaken for a checkpoint, and what to do; nil where they say nothing.
private func whyUnreadable(_ file: RegularFile) throws -> String? {
  if isPickleName(file.path) { return pickleReason }
  if file.size == 0 { return "empty file; download it again" }
  let start = try file.bytes(count: min(file.size, 16), at: 0)
  // The brace that begins a safetensors header stands in none of the others' starts.
  if start.count > 8, start[8] == UInt8(ascii: "{") { return nil }
  // A zip (torch.save since 1.6), or a bare pickle of protocol 2 to 5.
  let isBarePickle = start.count > 1 && start[0] == 0x80 && (2...5).contains(start[1])
  if isBarePickle || start.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return pickleReason }
  if start.starts(with: "version https:".utf8) {
    return "a pointer of Git LFS, not the file itself; run git lfs pull"
  }
  if start.starts(with: "<!DOCTYPE".utf8) || start.starts(with: "<html".utf8) {
    return "a web page, not a checkpoint; download it again"
  }
  return nil
}

/// Whether a file's name says that it is a pickle, or a zip with one.
func isPickleName(_ path: String) -> Bool { [".ckpt", ".pt", ".pth", ".bin"].contains(where: path.hasSuffix) }
