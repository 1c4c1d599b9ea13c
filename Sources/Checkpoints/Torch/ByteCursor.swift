// SPDX-License-Identifier: LGPL-3.0-or-later
/// Reads little-endian fields one after the other; a field beyond the end is an error.
struct ByteCursor {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let source: String  // for messages

  init(_ bytes: [UInt8], at position: Int = 0, source: String) {
    self.bytes = bytes
    self.position = position
    self.source = source
  }

  var remaining: Int { bytes.count - position }

  /// The next `count` bytes, which a file may have chosen.
  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw CheckpointError("\(source): cut off or damaged at byte \(position); download it again")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func integer<Field: FixedWidthInteger>(_ type: Field.Type) throws -> Field {
    try take(MemoryLayout<Field>.size).reversed().reduce(0) { $0 << 8 | Field(truncatingIfNeeded: $1) }
  }

  /// An unsigned field that counts or locates bytes.
  mutating func size<Field: FixedWidthInteger & UnsignedInteger>(_ type: Field.Type) throws -> Int {
    guard let size = Int(exactly: try integer(type)) else {
      throw CheckpointError("\(source): a size beyond all files at byte \(position); download it again")
    }
    return size
  }

  /// Up to the next line feed, which is skipped.
  mutating func line() throws -> ArraySlice<UInt8> {
    let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let line = try take(end - position)
    _ = try take(1)
    return line
  }
}
