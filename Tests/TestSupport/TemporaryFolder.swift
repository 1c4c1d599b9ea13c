// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// A folder for one test; it goes with the last reference to it.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/gegl-inpaint-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit { Self.delete(path) }

  /// Links go, not what they lead to.
  private static func delete(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { delete(path + "/" + name) }
      }
      closedir(stream)
    }
    remove(path)
  }

  /// A link to `target`, with the folders on the way to it.
  public func link(_ target: String, _ relativePath: String) {
    makeFolders(to: relativePath)
    symlink(target, path + "/" + relativePath)
  }

  /// Writes a file, and the folders on the way to it.  Gives its path.
  @discardableResult
  public func write(_ bytes: [UInt8], _ relativePath: String = "a.safetensors") -> String {
    makeFolders(to: relativePath)
    let full = path + "/" + relativePath
    guard let file = fopen(full, "w") else { return full }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    return full
  }

  @discardableResult
  public func write(_ text: String, _ relativePath: String) -> String { write(Array(text.utf8), relativePath) }

  private func makeFolders(to relativePath: String) {
    var folder = path
    for component in relativePath.split(separator: "/").dropLast() {
      folder += "/" + component
      mkdir(folder, 0o755)
    }
  }
}
