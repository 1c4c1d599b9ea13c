import Glibc

/// A regular file that is read piece by piece into own memory.
///
/// It is never mapped: a file that shrinks under a mapping ends the process, here it gives an error.
public final class RegularFile: @unchecked Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32

  /// Refuses folders, devices and pipes.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CheckpointError("\(path): \(String(cString: strerror(errno)))") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw CheckpointError("\(path): not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`.
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

  func bytes(count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
    return bytes
  }

  /// The whole file as UTF-8 text of at most `limit` bytes.  Throws `CheckpointError`.
  public static func text(_ path: String, limit: Int) throws -> String {
    let file = try RegularFile(path)
    guard file.size <= limit else {
      throw CheckpointError("\(path): \(file.size) bytes of text, more than \(limit)")
    }
    guard let text = String(validating: try file.bytes(count: file.size, at: 0), as: UTF8.self) else {
      throw CheckpointError("\(path): not UTF-8 text")
    }
    return text
  }
}

/// Whether something is there under `path` (a link is followed).
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Identifies a file's content for as long as the process runs: device, node, size and time of change; 0 for none.
public func fileIdentity(_ path: String) -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else { return 0 }
  var hasher = Hasher()
  for value in [Int(status.st_dev), Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec] {
    hasher.combine(value)
  }
  return hasher.finalize()
}

func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder, sorted, without those of the folder itself and its parent; none if it cannot be read.
func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
