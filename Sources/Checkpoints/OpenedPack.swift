// SPDX-License-Identifier: LGPL-3.0-or-later
/// A model on disk that is open: a diffusers folder with its family's additions, or a one-file checkpoint of Stable
/// Diffusion or LaMa.
///
/// While it is open a part's files are opened, and their headers and the part's configuration read, once, when they are
/// first asked for.  So what is loaded is what was planned with, even where a file is replaced in between.
public final class OpenedPack: Sendable {
  public let path: String
  /// Changes when a file of the pack is replaced: that of when the pack was opened.  Packs at different places are
  /// different, even if links lead to the same files: one place may go while a model is still to read a part from there.
  public let identity: Int

  /// A one-file checkpoint's parts; nil for a folder.
  private let fileParts: [String: TensorCatalog]?
  private let folderParts = Once<TensorCatalog>()
  private let objects = Once<JSON?>()

  private init(path: String, identity: Int, fileParts: [String: TensorCatalog]?) {
    self.path = path
    self.identity = identity
    self.fileParts = fileParts
  }

  private static let textLimit = 64 << 20

  /// Opens a folder, its `model_index.json`, or a one-file checkpoint.  Reads no weights yet.
  ///
  /// Throws `CheckpointError` where there is no model, or where one file breaks a rule of its format.
  public static func open(_ path: String) throws -> OpenedPack {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix("/model_index.json") { path.removeLast("/model_index.json".count) }
    if path == "model_index.json" { path = "." }
    guard try isPresent(path) else { throw CheckpointError("\(path): no such file or folder") }
    if try isPresent(path + "/" + LaMaNames.releasedFile) { path += "/" + LaMaNames.releasedFile }
    if isFolder(path) {
      guard try isPresent(path + "/model_index.json") || folders(in: path).contains(where: isPart) else {
        throw CheckpointError(
          "no model in \(path); expected a folder with model_index.json, or one whose folders hold a model's parts, "
            + "or a .safetensors or .ckpt file")
      }
      return OpenedPack(path: path, identity: Self.identity(ofFolder: path), fileParts: nil)
    }
    let identity = Self.identity(ofFile: path)  // first, so that a file that is replaced meanwhile is another model's
    return OpenedPack(path: path, identity: identity, fileParts: try OneFileCheckpoint.parts(openTensorSource(path)))
  }

  public var isOneFile: Bool { fileParts != nil }

  /// Whether the pack has a part (which may still be broken).
  public func has(_ part: PackPart) -> Bool { fileParts.map { $0[part.name] != nil } ?? hasFolder(part.name) }

  /// Whether a folder of this name is there; a one-file checkpoint has none.
  public func hasFolder(_ name: String) -> Bool { !isOneFile && isFolder(path + "/" + name) }

  /// A part's tensors under their newest names.
  ///
  /// Throws `CheckpointError` if there are none, naming the expected file, or if a file breaks a rule of its format.
  public func weights(_ part: PackPart) throws -> Weights { Weights(try catalog(part)) }

  /// Bytes of a part's weights in their format.
  public func byteCount(_ part: PackPart) throws -> Int { try catalog(part).byteCount }

  private func catalog(_ part: PackPart) throws -> TensorCatalog {
    guard let fileParts else { return try folderParts(part.name) { try FolderPart(path, part).catalog() } }
    guard let catalog = fileParts[part.name] else {
      throw CheckpointError("no \(part.name) in \(path); expected tensors \(OneFileCheckpoint.expected(of: part.name))")
    }
    return catalog
  }

  /// A part's `config.json`; nil where the configuration follows from the tensors: of a one-file checkpoint, and of a
  /// part that is published without one.
  ///
  /// Throws `CheckpointError` if there is none or if it is no object.
  public func configuration(_ part: PackPart) throws -> JSON? {
    guard !isOneFile else { return nil }
    let json = try object(part.name + "/config.json")
    guard json != nil || part.isPublishedAlone else { throw CheckpointError("no config.json in \(path)/\(part.name)") }
    return json
  }

  /// `recommended.json`, nil where there is none.
  public func recommended() throws -> JSON? { try object("recommended.json") }

  /// The key of `nativeSize` in `recommended.json`.
  package static let nativeSizeKey = "native_size"

  /// The longer side of the pictures that the model was trained on, in pixels, 64 ... 4096: what is recommended, else
  /// `fallback`.
  public func nativeSize(or fallback: Int) throws -> Int {
    min(max(try recommended()?[Self.nativeSizeKey]?.int ?? fallback, 64), 4096)
  }

  /// The path of one of the pack's files, nil where there is none; a one-file checkpoint has none.
  public func file(_ relativePath: String) throws -> String? {
    let file = path + "/" + relativePath
    return try !isOneFile && isPresent(file) ? file : nil
  }

  /// A text file of the pack of at most 64 MB, nil where there is none.  `relativePath` is the program's, not a file's.
  ///
  /// Throws `CheckpointError` if it is larger, not UTF-8, or cannot be read.
  public func text(_ relativePath: String) throws -> String? {
    try file(relativePath).map { try RegularFile.text($0, limit: Self.textLimit) }
  }

  /// The JSON object of a file of the pack, read once; nil where there is none.
  ///
  /// Throws `CheckpointError` as `text`, and for anything else than an object.
  public func object(_ relativePath: String) throws -> JSON? {
    try objects(relativePath) {
      try file(relativePath).map { try JSON(objectIn: $0, limit: Self.textLimit) }
    }
  }
}

extension JSON {
  /// The JSON object in a file of at most 1 MB, nil where there is none.  Throws `CheckpointError` as `OpenedPack.object`.
  public static func object(file: String) throws -> JSON? {
    try isPresent(file) ? JSON(objectIn: file, limit: 1 << 20) : nil
  }

  fileprivate init(objectIn file: String, limit: Int) throws {
    self = try JSON(parsing: RegularFile.text(file, limit: limit), source: file)
    guard object != nil else { throw CheckpointError("\(file): not a JSON object") }
  }
}

extension OpenedPack {
  private static func identity(ofFile path: String) -> Int {
    var hasher = Hasher()
    hasher.combine(path)
    hasher.combine(fileIdentity(path))
    return hasher.finalize()
  }

  private static func identity(ofFolder path: String) -> Int {
    var hasher = Hasher()
    for folder in [path] + folders(in: path) {
      hasher.combine(folder)
      for name in (try? names(in: folder)) ?? [] { hasher.combine(fileIdentity(folder + "/" + name)) }
    }
    return hasher.finalize()
  }

  /// Of the pack's parts, and of what it has beside them.
  private static func folders(in path: String) -> [String] {
    ((try? names(in: path)) ?? []).filter { !$0.hasPrefix(".") }.map { path + "/" + $0 }.filter(isFolder)
  }

  private static func isPart(_ folder: String) -> Bool {
    ((try? names(in: folder)) ?? []).contains { name in
      name == "config.json" || name.hasSuffix(".safetensors") || name.hasSuffix(".index.json") || isTorchName(name)
    }
  }
}
