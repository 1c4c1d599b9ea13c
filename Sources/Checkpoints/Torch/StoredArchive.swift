// SPDX-License-Identifier: LGPL-3.0-or-later
/// A zip archive whose entries are stored uncompressed, as torch.save writes it; but for TorchScript's code, which nobody
/// reads.
///
/// Format: PKWARE, APPNOTE.TXT, with the 64-bit extension (4.5.3).  Read strictly: the directory lies where the end
/// record says and fills the space before it, entries neither overlap each other nor the directory.
struct StoredArchive {
  /// The bytes of each entry in the file.
  let entries: [String: Range<Int>]

  private static let endLength = 22
  private static let end64Length = 56
  private static let locatorLength = 20
  private static let localLength = 30
  private static let maximumDirectory = 64 << 20
  private static let maximumName = 512

  /// Throws `CheckpointError` for each rule that the archive breaks.
  init(_ file: RegularFile) throws {
    let directory = try Self.directory(of: file)
    let path = file.path
    var cursor = ByteCursor(
      try file.bytes(count: directory.range.count, at: directory.range.lowerBound), source: path + ": zip directory")
    var headers: [Header] = []
    for _ in 0..<directory.entries { headers.append(try Header(&cursor, path: path)) }
    guard cursor.remaining == 0 else { throw Self.damage(path, "the zip directory has more than its entries") }

    var entries: [String: Range<Int>] = [:]
    var end = 0
    for header in headers.sorted(by: { $0.offset < $1.offset }) {
      guard header.offset >= end else { throw Self.damage(path, "entry \(header.name) overlaps the one before") }
      let range = try Self.content(of: header, before: directory.range.lowerBound, in: file)
      end = range.upperBound
      guard !header.isCode else { continue }
      guard entries.updateValue(range, forKey: header.name) == nil else {
        throw Self.damage(path, "entry \(header.name) is there twice")
      }
    }
    self.entries = entries
  }

  private static func damage(_ path: String, _ what: String) -> CheckpointError {
    CheckpointError("\(path): \(what); the file is damaged, download it again")
  }

  // MARK: - Where the directory is

  /// From the end record, which a comment may follow, or the 64-bit record where there is one before it.
  private static func directory(of file: RegularFile) throws -> (entries: Int, range: Range<Int>) {
    let tailStart = max(0, file.size - endLength - Int(UInt16.max))
    let tail = try file.bytes(count: file.size - tailStart, at: tailStart)
    let found = stride(from: tail.count - endLength, through: 0, by: -1).first { start in
      tail[start..<start + 4].elementsEqual([0x50, 0x4B, 5, 6])
        && start + endLength + Int(tail[start + 20]) + Int(tail[start + 21]) << 8 == tail.count
    }
    guard let found else { throw damage(file.path, "no end of the zip archive") }
    var cursor = ByteCursor(tail, at: found + 4, source: file.path)
    let disks = try (cursor.integer(UInt16.self), cursor.integer(UInt16.self))
    var counts = try (cursor.size(UInt16.self), cursor.size(UInt16.self))
    var (size, offset) = try (cursor.size(UInt32.self), cursor.size(UInt32.self))
    var end = tailStart + found
    if let large = try directory64(of: file, before: end) { (counts, size, offset, end) = large }
    guard disks == (0, 0), counts.0 == counts.1, size <= maximumDirectory, offset <= end, size == end - offset else {
      throw damage(file.path, "the zip directory is not where the archive says")
    }
    return (counts.1, offset..<end)
  }

  /// nil where there is no locator of a 64-bit record.
  private static func directory64(
    of file: RegularFile, before end: Int
  ) throws -> (counts: (Int, Int), size: Int, offset: Int, end: Int)? {
    guard end >= locatorLength + end64Length else { return nil }
    var locator = ByteCursor(
      try file.bytes(count: locatorLength, at: end - locatorLength), source: file.path)
    guard try locator.integer(UInt32.self) == 0x0706_4B50 else { return nil }
    _ = try locator.integer(UInt32.self)  // disk
    let start = end - locatorLength - end64Length
    var record = ByteCursor(try file.bytes(count: end64Length, at: start), source: file.path)
    guard try locator.size(UInt64.self) == start, try record.integer(UInt32.self) == 0x0606_4B50 else {
      throw damage(file.path, "no 64-bit end of the zip archive")
    }
    _ = try record.take(20)  // length, versions, disks
    let counts = try (record.size(UInt64.self), record.size(UInt64.self))
    return try (counts, record.size(UInt64.self), record.size(UInt64.self), start)
  }

  // MARK: - Entries

  /// An entry of the directory.
  private struct Header {
    let name: String
    let size: Int  // in the archive
    let offset: Int
    var isCode: Bool { name.contains("/code/") }

    init(_ cursor: inout ByteCursor, path: String) throws {
      guard try cursor.integer(UInt32.self) == 0x0201_4B50 else { throw damage(path, "no entry in the zip directory") }
      _ = try cursor.take(4)  // versions
      let flags = try cursor.integer(UInt16.self)
      let method = try cursor.integer(UInt16.self)
      _ = try cursor.take(8)  // time, date, checksum
      var (packed, size) = try (cursor.size(UInt32.self), cursor.size(UInt32.self))
      let lengths = try (cursor.size(UInt16.self), cursor.size(UInt16.self), cursor.size(UInt16.self))
      _ = try cursor.take(8)  // disk, attributes
      var offset = try cursor.size(UInt32.self)
      let nameBytes = try cursor.take(lengths.0)
      var extra = ByteCursor(Array(try cursor.take(lengths.1)), source: path + ": zip directory")
      _ = try cursor.take(lengths.2)  // comment
      guard let name = String(validating: nameBytes, as: UTF8.self), name.isPrintable,
        (1...maximumName).contains(nameBytes.count)
      else { throw damage(path, "an entry's name has \(nameBytes.count) bytes, control characters, or no UTF-8") }

      // The 64-bit extension has the fields that are full here, in this order.
      while extra.remaining >= 4 {
        let (kind, length) = try (extra.integer(UInt16.self), extra.size(UInt16.self))
        var field = ByteCursor(Array(try extra.take(length)), source: path + ": zip entry " + name)
        guard kind == 1 else { continue }
        if size == UInt32.max { size = try field.size(UInt64.self) }
        if packed == UInt32.max { packed = try field.size(UInt64.self) }
        if offset == UInt32.max { offset = try field.size(UInt64.self) }
      }
      self.name = name
      self.size = packed
      self.offset = offset
      guard isCode || method == 0 && packed == size && flags & 1 == 0 else {
        throw CheckpointError(
          "\(path): entry \(name) is compressed or encrypted, which torch.save never does; save it with torch.save")
      }
    }
  }

  /// The bytes behind an entry's own header, which must have the same name and end before the directory.
  private static func content(of header: Header, before limit: Int, in file: RegularFile) throws -> Range<Int> {
    guard header.offset <= limit - localLength else {
      throw damage(file.path, "entry \(header.name) lies beyond the archive")
    }
    var cursor = ByteCursor(
      try file.bytes(count: localLength, at: header.offset), source: file.path + ": zip entry " + header.name)
    let isLocal = try cursor.integer(UInt32.self) == 0x0403_4B50
    _ = try cursor.take(22)
    let lengths = try (name: cursor.size(UInt16.self), extra: cursor.size(UInt16.self))
    let nameStart = header.offset + localLength
    let start = nameStart + lengths.name + lengths.extra
    guard isLocal, lengths.name == header.name.utf8.count, start <= limit, header.size <= limit - start,
      try file.bytes(count: lengths.name, at: nameStart).elementsEqual(header.name.utf8)
    else { throw damage(file.path, "entry \(header.name) is not where the zip directory says") }
    return start..<start + header.size
  }
}
