/// A model on disk that is open: a diffusers folder with its family's additions, or a one-file Stable Diffusion
/// checkpoint.
///
/// While it is open a part's files are opened, and their headers and the part's configuration read, once, when they are
/// first asked for.  So what is loaded is what was planned with, even where a file is replaced in between.
///
/// Parts are named as the folder's subfolders: `unet`, `vae`, `text_encoder`, `tokenizer`, `scheduler`.
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
  /// The parts with weights that a folder can be told by; a pack may have only some.
  private static let partNames = [
    "unet", "vae", "text_encoder", "mae", "alignment", "harmonizing_decoder", "task_prompts", "lora",
  ]

  /// Opens a folder, its `model_index.json`, or a one-file checkpoint.  Reads no weights yet.
  ///
  /// Throws `CheckpointError` where there is no model, or where one file breaks a rule of its format.
  public static func open(_ path: String) throws -> OpenedPack {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix("/model_index.json") { path.removeLast("/model_index.json".count) }
    if path == "model_index.json" { path = "." }
    guard try isPresent(path) else { throw CheckpointError("\(path): no such file or folder") }
    if isFolder(path) {
      guard try isPresent(path + "/model_index.json") || partNames.contains(where: { isFolder(path + "/" + $0) }) else {
        throw CheckpointError(
          "no model in \(path); expected a folder with model_index.json, unet/ and vae/, or a .safetensors or .ckpt file")
      }
      return OpenedPack(path: path, identity: Self.identity(ofFolder: path), fileParts: nil)
    }
    let identity = Self.identity(ofFile: path)  // first, so that a file that is replaced meanwhile is another model's
    return OpenedPack(path: path, identity: identity, fileParts: try OneFileCheckpoint.parts(openTensorSource(path)))
  }

  public var isOneFile: Bool { fileParts != nil }

  /// Whether the pack has a part (which may still be broken).
  public func has(_ part: String) -> Bool {
    fileParts.map { $0[part] != nil } ?? isFolder(path + "/" + part)
  }

  /// A part's tensors under their newest diffusers and transformers names (a text encoder's without `text_model.`).
  ///
  /// Throws `CheckpointError` if there are none, naming the expected file, or if a file breaks a rule of its format.
  public func weights(_ part: String) throws -> Weights { Weights(try catalog(part)) }

  /// Bytes of a part's weights in their format.
  public func byteCount(_ part: String) throws -> Int { try catalog(part).byteCount }

  private func catalog(_ part: String) throws -> TensorCatalog {
    guard let fileParts else { return try folderParts(part) { try FolderPart(path, part).catalog() } }
    guard let catalog = fileParts[part] else {
      throw CheckpointError("no \(part) in \(path); expected tensors \(OneFileCheckpoint.expected(for: part))")
    }
    return catalog
  }

  /// A part's configuration (`unet/config.json`, `scheduler/scheduler_config.json`); nil for a one-file checkpoint,
  /// whose configuration follows from its tensors, and with `orInferred` for a folder without one.
  ///
  /// Throws `CheckpointError` if there is none or if it is no object.
  public func configuration(_ part: String, orInferred: Bool = false) throws -> JSON? {
    guard !isOneFile else { return nil }
    let name = part == "scheduler" ? "scheduler_config.json" : "config.json"
    let json = try json("\(part)/\(name)")
    guard json != nil || orInferred else { throw CheckpointError("no \(name) in \(path)/\(part)") }
    return json
  }

  /// The file of a learned prompt, `task_prompts/NAME.safetensors`; nil where there is none.
  public func taskPrompt(_ name: String) throws -> String? { try file("task_prompts/" + name + ".safetensors") }

  /// The file of a task's LoRA, `lora/NAME.safetensors`; nil where there is none.
  public func lora(_ name: String) throws -> String? { try file("lora/" + name + ".safetensors") }

  private func file(_ relativePath: String) throws -> String? {
    let file = path + "/" + relativePath
    return try !isOneFile && isPresent(file) ? file : nil
  }

  /// `recommended.json`, nil where there is none.
  public func recommended() throws -> JSON? { isOneFile ? nil : try json("recommended.json") }

  /// A text file of the pack of at most 64 MB, nil where there is none.  `relativePath` is the program's, not a file's.
  ///
  /// Throws `CheckpointError` if it is larger, not UTF-8, or cannot be read.
  public func text(_ relativePath: String) throws -> String? {
    try file(relativePath).map { try RegularFile.text($0, limit: Self.textLimit) }
  }

  private func json(_ relativePath: String) throws -> JSON? {
    try objects(relativePath) {
      guard let text = try text(relativePath) else { return nil }
      let json = try JSON(parsing: text, source: path + "/" + relativePath)
      guard json.object != nil else { throw CheckpointError("\(path)/\(relativePath): not a JSON object") }
      return json
    }
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
    hasher.combine(path)
    for part in ["", "tokenizer", "scheduler"] + partNames {
      for name in (try? names(in: path + "/" + part)) ?? [] { hasher.combine(fileIdentity(path + "/" + part + "/" + name)) }
    }
    return hasher.finalize()
  }
}
