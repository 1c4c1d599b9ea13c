// SPDX-License-Identifier: LGPL-3.0-or-later
/// How a text file is encoded: by the byte order mark that it begins with, as editors on Windows write it, else in UTF-8.
enum TextEncoding: String {
  case utf8 = "UTF-8"
  case utf16LittleEndian = "UTF-16 (little-endian)"
  case utf16BigEndian = "UTF-16 (big-endian)"

  private var byteOrderMark: [UInt8] {
    switch self {
    case .utf8: [0xEF, 0xBB, 0xBF]
    case .utf16LittleEndian: [0xFF, 0xFE]
    case .utf16BigEndian: [0xFE, 0xFF]
    }
  }

  init(of bytes: [UInt8]) {
    self = [.utf16LittleEndian, .utf16BigEndian].first { bytes.starts(with: $0.byteOrderMark) } ?? .utf8
  }

  /// The text without its byte order mark; nil where the bytes are none in this encoding.
  func text(of bytes: [UInt8]) -> String? {
    let rest = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...]
    switch self {
    case .utf8: return String(validating: rest, as: UTF8.self)
    case .utf16LittleEndian, .utf16BigEndian:
      guard rest.count.isMultiple(of: 2) else { return nil }
      let units = stride(from: rest.startIndex, to: rest.endIndex, by: 2).map { at in
        let first = UInt16(rest[at]), second = UInt16(rest[at + 1])
        return self == .utf16BigEndian ? first << 8 | second : second << 8 | first
      }
      return String(validating: units, as: UTF16.self)
    }
  }
}
