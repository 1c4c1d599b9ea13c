// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// A regular file that is read piece by piece into own memory.
///
/// It is never mapped: a file that shrinks under a mapping ends the process, here it gives an error.
public final class RegularFile: @unchecked Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32

  /// Throws `CheckpointError` for what cannot be read, and for folders, devices and pipes.
  init(_ path: String) throws {
    self.path = path
    // Asked before opening, since opening a device can do something, and after it, since the file can be another.
    var status = stat()
    guard stat(path, &status) == 0 else { throw CheckpointError("\(path): \(String(cString: strerror(errno)))") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw CheckpointError("\(path): not a regular file") }
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CheckpointError("\(path): \(String(cString: strerror(errno)))") }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw CheckpointError("\(path): not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`.  Throws where the file ends before, as it does if it became shorter.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, min(buffer.count - done, 1 << 30), off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count < 0 ? String(cString: strerror(errno)) : "the file became shorter while it was read"
        throw CheckpointError("\(path): \(reason)")
      }
      done += count
    }
  }

  /// `count` must be bounded by the caller.
  func bytes(count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
    return bytes
  }

  /// What a prompt file says: text of at most 1 MB.  Throws `CheckpointError`.
  public static func prompt(_ path: String) throws -> String { try text(path, limit: 1 << 20) }

  /// The whole file as text of at most `limit` bytes, in UTF-8 or what its byte order mark says.  Throws `CheckpointError`.
  public static func text(_ path: String, limit: Int) throws -> String {
    let file = try RegularFile(path)
    guard file.size <= limit else {
      throw CheckpointError("\(path): \(file.size) bytes of text, more than \(limit)")
    }
    let bytes = try file.bytes(count: file.size, at: 0)
    let encoding = TextEncoding(of: bytes)
    guard let text = encoding.text(of: bytes) else { throw CheckpointError("\(path): not \(encoding.rawValue) text") }
    // That of UTF-16 without a mark, and of UTF-32, would be text with zeros in between.
    guard !text.unicodeScalars.contains("\0") else {
      throw CheckpointError("\(path): a zero character in the text; save it in UTF-8")
    }
    return text
  }
}
