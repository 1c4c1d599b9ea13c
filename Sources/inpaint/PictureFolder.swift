// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Checkpoints
import Glibc

/// The pictures of a folder, in the order of their names.
struct PictureFolder {
  /// One of K of N: every Nth picture from the Kth on.
  struct Shard: ExpressibleByArgument {
    let number: Int
    let count: Int

    /// "K/N", 1 <= K <= N.
    init?(argument text: String) {
      let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let number = numbers[0], let count = numbers[1], 1 <= number, number <= count else { return nil }
      (self.number, self.count) = (number, count)
    }

    func has(_ index: Int) -> Bool { index % count == number - 1 }
  }

  let names: [String]
  private let folder: String
  private let masks: Masks

  private enum Masks {
    case none
    case one(String)
    /// Names by their stems.
    case folder(String, [Substring: [String]])
  }

  /// mask: a folder with a mask of each picture's stem, or one for all.  Throws `FolderError` where one cannot be read.
  init(_ folder: String, mask: String?) throws(FolderError) {
    if let mask, access(mask, F_OK) != 0 { throw FolderError("\(mask): \(String(cString: strerror(errno)))") }
    self.folder = folder
    names = try Self.files(folder)
    masks = switch mask {
    case nil: .none
    case let mask? where !isFolder(mask): .one(mask)
    case let mask?: .folder(mask, Dictionary(grouping: try Self.files(mask)) { Self.stem($0) })
    }
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// Throws where there is none or more than one of its stem.
  func mask(of name: String) throws(FolderError) -> String? {
    switch masks {
    case .none: return nil
    case .one(let path): return path
    case .folder(let folder, let names):
      let fitting = names[Self.stem(name)] ?? []
      guard fitting.count == 1 else {
        throw FolderError(
          fitting.isEmpty
            ? "there is no mask \(Self.stem(name)).* in \(folder)"
            : "it has several masks in \(folder): \(fitting.joined(separator: ", "))")
      }
      return folder + "/" + fitting[0]
    }
  }

  /// Whether two paths lead to one folder.
  static func isSame(_ one: String, _ other: String) -> Bool {
    var (a, b) = (stat(), stat())
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// Whether there is a file with something in it.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
  }

  private static func stem(_ name: String) -> Substring { name.lastIndex(of: ".").map { name[..<$0] } ?? name[...] }

  /// Sorted names of what is no folder; hidden ones are other programs' business.
  private static func files(_ folder: String) throws(FolderError) -> [String] {
    do {
      return try Checkpoints.names(in: folder).filter { !$0.hasPrefix(".") && !isFolder(folder + "/" + $0) }
    } catch { throw FolderError("\(error)") }
  }
}

/// Why a folder cannot be worked on.
struct FolderError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
