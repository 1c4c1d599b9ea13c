/// A safetensors file, read strictly: 8 bytes of header length, a JSON header, then the tensors' bytes without holes.
///
/// Format: huggingface/safetensors, README.  Stricter where a lenient reading would let a hostile file choose what is
/// allocated or read: see each check.
final class SafetensorsFile: Sendable {
  struct Entry: Sendable {
    let type: ElementType
    let shape: [Int]
    let offset: Int  // in the file
    var byteCount: Int { shape.reduce(1, *) * type.byteCount }
  }

  let file: RegularFile
  let entries: [String: Entry]

  private static let maximumHeader = 100_000_000
  private static let maximumName = 512
  private static let maximumRank = 8

  init(_ path: String) throws {
    file = try RegularFile(path)
    guard file.size >= 10 else { throw CheckpointError("\(path): too short for a safetensors file") }
    let length = try file.bytes(count: 8, at: 0).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.maximumHeader, length <= file.size - 8 else {
      throw CheckpointError(
        "\(path): not a safetensors file, or cut off: a header of \(length) bytes in \(file.size); download it again")
    }
    let header = try file.bytes(count: Int(length), at: 8)
    guard header.first == UInt8(ascii: "{") else { throw CheckpointError("\(path): not a safetensors file") }
    guard case .object(let members) = try JSONParser.parse(header, source: path) else {
      throw CheckpointError("\(path): the header is not an object")
    }

    var entries: [String: Entry] = [:]
    var ranges: [(name: String, range: Range<Int>)] = []
    for (name, value) in members {
      if name == "__metadata__" {
        guard let texts = value.object, texts.values.allSatisfy({ $0.string != nil }) else {
          throw CheckpointError("\(path): __metadata__ is not an object of strings")
        }
        continue
      }
      let (entry, range) = try Self.entry(name, value, path: path, dataStart: 8 + Int(length))
      entries[name] = entry
      ranges.append((name, range))
    }

    ranges.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    for (name, range) in ranges {
      guard range.lowerBound == end else {
        throw CheckpointError("\(path): tensor \(name) begins at \(range.lowerBound), the one before ends at \(end)")
      }
      end = range.upperBound
    }
    guard end == file.size - 8 - Int(length) else {
      throw CheckpointError(
        "\(path): the tensors need \(end) bytes, the file has \(file.size - 8 - Int(length)); download it again")
    }
    self.entries = entries
  }

  private static func entry(
    _ name: String, _ value: JSON, path: String, dataStart: Int
  ) throws -> (Entry, Range<Int>) {
    guard name.utf8.count <= maximumName, !name.isEmpty else {
      throw CheckpointError("\(path): a tensor's name of \(name.utf8.count) bytes")
    }
    func error(_ what: String) -> CheckpointError { CheckpointError("\(path): tensor \(name): \(what)") }
    guard let members = value.object, Set(members.keys) == ["dtype", "shape", "data_offsets"] else {
      throw error("expected dtype, shape and data_offsets")
    }
    guard let type = value["dtype"]?.string.flatMap(ElementType.init) else { throw error("unknown dtype") }
    guard let dimensions = value["shape"]?.array, dimensions.count <= maximumRank else { throw error("bad shape") }
    var bytes = type.byteCount
    var shape: [Int] = []
    for dimension in dimensions {
      guard case .integer(let size) = dimension, size >= 0 else { throw error("bad shape") }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow else { throw error("shape too large") }
      bytes = product
      shape.append(size)
    }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2, case .integer(let begin) = offsets[0],
      case .integer(let end) = offsets[1], begin >= 0, end >= begin, end - begin == bytes, end <= Int(Int32.max) << 20
    else { throw error("data_offsets do not fit dtype and shape") }
    return (Entry(type: type, shape: shape, offset: dataStart + begin), begin..<end)
  }

  /// `rows` cuts the first dimension.
  func read(_ entry: Entry, name: String, rows: Range<Int>? = nil) throws -> StoredTensor {
    var shape = entry.shape
    var offset = entry.offset
    if let rows {
      shape[0] = rows.count
      offset += rows.lowerBound * shape.dropFirst().reduce(1, *) * entry.type.byteCount
    }
    let tensor = try StoredTensor(entry.type, shape)
    try file.read(into: tensor.bytes, at: offset)
    guard tensor.isFinite else {
      throw CheckpointError("\(file.path): tensor \(name) has values that are not finite; the file is damaged")
    }
    return tensor
  }
}
