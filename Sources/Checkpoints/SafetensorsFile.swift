// SPDX-License-Identifier: LGPL-3.0-or-later
/// A safetensors file, read strictly: 8 bytes of header length, a JSON header, then the tensors' bytes without holes.
///
/// Format: huggingface/safetensors, README.  Stricter where a lenient reading would let a hostile file choose what is
/// allocated or read: see each check.
final class SafetensorsFile: TensorSource {
  let tensors: [String: TensorDescription]
  let metadata: [String: String]
  var path: String { file.path }

  private let file: RegularFile
  private let offsets: [String: Int]  // in the file

  private static let maximumHeader = 100_000_000
  private static let maximumName = 512

  /// Throws `CheckpointError` for each rule that the header breaks.
  init(_ file: RegularFile) throws {
    self.file = file
    let path = file.path
    guard file.size >= 10 else { throw CheckpointError("\(path): too short for a safetensors file; download it again") }
    let length = try file.bytes(count: 8, at: 0).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.maximumHeader, length <= file.size - 8 else {
      throw CheckpointError(
        "\(path): not a safetensors file, or cut off: a header of \(length) bytes in \(file.size); download it again")
    }
    // One byte before all: the header of a file that is something else is not worth reading.
    guard length > 0, try file.bytes(count: 1, at: 8) == [UInt8(ascii: "{")] else {
      throw CheckpointError("\(path): not a safetensors file: its header is not a JSON object")
    }
    let header = try JSONParser.parse(file.bytes(count: Int(length), at: 8), source: path)

    var metadata: [String: String] = [:]
    var ranges: [(name: String, description: TensorDescription, range: Range<Int>)] = []
    for (name, value) in header.object ?? [:] {
      if name == "__metadata__" {
        metadata = (value.object ?? [:]).compactMapValues(\.string)
        guard metadata.count == value.object?.count else {
          throw CheckpointError("\(path): __metadata__ is not an object of strings")
        }
      } else {
        let (description, range) = try Self.entry(name, value, path: path)
        ranges.append((name, description, range))
      }
    }

    // In the order of the file; empty tensors before the one that begins where they do.
    ranges.sort { ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name) }
    let dataStart = 8 + Int(length)
    var end = 0
    for (name, _, range) in ranges {
      guard range.lowerBound == end else {
        throw CheckpointError("\(path): tensor \(name) begins at \(range.lowerBound), the one before ends at \(end)")
      }
      end = range.upperBound
    }
    guard end == file.size - dataStart else {
      throw CheckpointError(
        "\(path): the tensors need \(end) bytes, the file has \(file.size - dataStart); download it again")
    }
    self.metadata = metadata
    tensors = Dictionary(uniqueKeysWithValues: ranges.map { ($0.name, $0.description) })
    offsets = Dictionary(uniqueKeysWithValues: ranges.map { ($0.name, dataStart + $0.range.lowerBound) })
  }

  convenience init(_ path: String) throws { try self.init(RegularFile(path)) }

  private static func entry(
    _ name: String, _ value: JSON, path: String
  ) throws -> (TensorDescription, Range<Int>) {
    // A name goes into messages and terminals.
    guard (1...maximumName).contains(name.utf8.count), name.isPrintable else {
      throw CheckpointError("\(path): a tensor's name has \(name.utf8.count) bytes, or control characters")
    }
    func error(_ what: String) -> CheckpointError { CheckpointError("\(path): tensor \(name): \(what)") }
    guard let members = value.object, Set(members.keys) == ["dtype", "shape", "data_offsets"] else {
      throw error("expected dtype, shape and data_offsets")
    }
    guard let code = value["dtype"]?.string, let type = ElementType(rawValue: code) else {
      throw error("the dtype \"\(value["dtype"]?.string?.excerpt ?? "?")\" is not known")
    }
    let shape = try value["shape"]?.array?.prefix(TensorDescription.maximumRank + 1).map { dimension in
      guard case .integer(let size) = dimension else { throw error("bad shape") }
      return size
    }
    guard let description = shape.flatMap({ TensorDescription(type, $0) }) else { throw error("bad shape") }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2, case .integer(let begin) = offsets[0],
      case .integer(let end) = offsets[1], begin >= 0, end >= begin, end - begin == description.byteCount
    else { throw error("data_offsets do not fit dtype and shape") }
    return (description, begin..<end)
  }

  func read(_ name: String, rows: Range<Int>?) throws -> StoredTensor {
    guard let description = tensors[name], var offset = offsets[name] else {
      throw CheckpointError("\(path): no tensor \(name)")
    }
    guard let rows else { return try read(description, at: offset) }
    offset += description.rows(0..<rows.lowerBound).byteCount
    return try read(description.rows(rows), at: offset)
  }

  private func read(_ description: TensorDescription, at offset: Int) throws -> StoredTensor {
    let tensor = try StoredTensor(description.type, description.shape)
    try file.read(into: tensor.bytes, at: offset)
    return tensor
  }
}
