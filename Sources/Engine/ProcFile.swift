// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// The kernel's text files, which have no size to go by.
package enum ProcFile {
  /// None where there is no such file.
  package static func lines(_ path: String) -> [Substring] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
