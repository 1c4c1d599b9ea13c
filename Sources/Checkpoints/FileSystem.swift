// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// Whether something is there under `path`, if only a link that leads nowhere: reading that is an error, not the same as
/// no file.  Throws where the system does not say.
func isPresent(_ path: String) throws -> Bool {
  var status = stat()
  if lstat(path, &status) == 0 { return true }
  if errno == ENOENT || errno == ENOTDIR { return false }
  throw CheckpointError("\(path): \(String(cString: strerror(errno)))")
}

package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder but "." and "..", sorted; none if there is no such folder.  Throws if it cannot be read.
package func names(in folder: String) throws -> [String] {
  guard let stream = opendir(folder) else {
    if errno == ENOENT || errno == ENOTDIR { return [] }
    throw CheckpointError("\(folder): \(String(cString: strerror(errno)))")
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

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
