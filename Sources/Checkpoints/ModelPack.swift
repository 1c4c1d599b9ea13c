/// A model on disk: a diffusers folder with its family's additions, or a one-file Stable Diffusion checkpoint.
///
/// Parts are named as the folder's subfolders: `unet`, `vae`, `text_encoder`, `tokenizer`, `scheduler`.
public struct ModelPack: Sendable {
  public let path: String
  private let source: Source

  private enum Source: Sendable {
    case folder
    case file([String: TensorCatalog])
  }

  private static let textLimit = 64 << 20
  /// The parts with weights that a folder can be told by; a pack may have only some.
  private static let partNames = [
    "unet", "vae", "text_encoder", "mae", "alignment", "harmonizing_decoder", "task_prompts", "lora",
  ]

  /// Opens a folder, its `model_index.json`, or a one-file checkpoint.  Reads no weights yet.
  ///
  /// Throws `CheckpointError` where there is no model, or where one file breaks a rule of its format.
  public static func open(_ path: String) throws -> ModelPack {
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
      return ModelPack(path: path, source: .folder)
    }
    return ModelPack(path: path, source: .file(try OneFileCheckpoint.parts(openTensorSource(path))))
  }

  public var isOneFile: Bool { if case .file = source { true } else { false } }

  /// Whether the pack has a part (which may still be broken).
  public func has(_ part: String) -> Bool {
    switch source {
    case .folder: isFolder(path + "/" + part)
    case .file(let parts): parts[part] != nil
    }
  }

  /// A part's tensors under their newest diffusers and transformers names (a text encoder's without `text_model.`).
  ///
  /// Throws `CheckpointError` if there are none, naming the expected file, or if a file breaks a rule of its format.
  public func weights(_ part: String) throws -> Weights { Weights(try catalog(part)) }

  /// Bytes of a part's weights in their format.
  public func byteCount(_ part: String) throws -> Int { try catalog(part).byteCount }

  private func catalog(_ part: String) throws -> TensorCatalog {
    switch source {
    case .folder: return try FolderPart(path, part).catalog()
    case .file(let parts):
      guard let catalog = parts[part] else {
        throw CheckpointError("no \(part) in \(path); expected tensors \(OneFileCheckpoint.expected(for: part))")
      }
      return catalog
    }
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
    guard let text = try text(relativePath) else { return nil }
    let json = try JSON(parsing: text, source: path + "/" + relativePath)
    guard json.object != nil else { throw CheckpointError("\(path)/\(relativePath): not a JSON object") }
    return json
  }
}

extension ModelPack {
  /// Changes when a file of the pack is replaced.  Packs at different places are different, even if links lead to the
  /// same files: one place may go while a model is still to read a part from there.
  public var identity: Int {
    var hasher = Hasher()
    hasher.combine(path)
    guard !isOneFile else {
      hasher.combine(fileIdentity(path))
      return hasher.finalize()
    }
    for part in ["", "tokenizer", "scheduler"] + Self.partNames {
      for name in (try? names(in: path + "/" + part)) ?? [] { hasher.combine(fileIdentity(path + "/" + part + "/" + name)) }
    }
    return hasher.finalize()
  }
}
