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

  /// Opens a folder, its `model_index.json`, or a `.safetensors` file.  Reads no weights yet.
  public static func open(_ path: String) throws -> ModelPack {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix("/model_index.json") { path.removeLast("/model_index.json".count) }
    if path == "model_index.json" { path = "." }
    guard exists(path) else { throw CheckpointError("\(path): no such file or folder") }
    if isFolder(path) {
      guard exists(path + "/model_index.json") || isFolder(path + "/unet") || isFolder(path + "/vae") else {
        throw CheckpointError(
          "no model in \(path); expected a folder with model_index.json, unet/ and vae/, or a .safetensors file")
      }
      return ModelPack(path: path, source: .folder)
    }
    if [".ckpt", ".pt", ".pth", ".bin"].contains(where: path.hasSuffix) {
      throw CheckpointError("\(path): Python pickles are not read; convert the checkpoint to .safetensors")
    }
    return ModelPack(path: path, source: .file(try partsOfOneFile(path)))
  }

  public var isOneFile: Bool { if case .file = source { true } else { false } }

  /// Whether the pack has a part (which may still be broken).
  public func has(_ part: String) -> Bool {
    switch source {
    case .folder: isFolder(path + "/" + part)
    case .file(let parts): parts[part] != nil
    }
  }

  /// A part's tensors under their newest diffusers and transformers names.
  public func weights(_ part: String) throws -> Weights { Weights(try catalog(part)) }

  /// Bytes of a part's weights in their format.
  public func byteCount(_ part: String) throws -> Int { try catalog(part).byteCount }

  private func catalog(_ part: String) throws -> TensorCatalog {
    switch source {
    case .folder: return try catalogOfFolder(part)
    case .file(let parts):
      guard let catalog = parts[part] else {
        throw CheckpointError("no \(part) in \(path); expected a whole Stable Diffusion checkpoint")
      }
      return catalog
    }
  }

  /// A part's configuration (`unet/config.json`, `scheduler/scheduler_config.json`); nil for a one-file checkpoint,
  /// whose configuration follows from its tensors.
  public func configuration(_ part: String) throws -> JSON? {
    guard !isOneFile else { return nil }
    let name = part == "scheduler" ? "scheduler_config.json" : "config.json"
    guard let json = try json("\(part)/\(name)") else { throw CheckpointError("no \(name) in \(path)/\(part)") }
    return json
  }

  /// `recommended.json`, nil where there is none.
  public func recommended() throws -> JSON? { isOneFile ? nil : try json("recommended.json") }

  /// A text file of the pack, nil where there is none.
  public func text(_ relativePath: String) throws -> String? {
    let full = path + "/" + relativePath
    guard !isOneFile, exists(full) else { return nil }
    return try RegularFile.text(full, limit: Self.textLimit)
  }

  private func json(_ relativePath: String) throws -> JSON? {
    guard let text = try text(relativePath) else { return nil }
    return try JSON(parsing: text, source: path + "/" + relativePath)
  }

  // MARK: - Folder

  private func catalogOfFolder(_ part: String) throws -> TensorCatalog {
    let folder = path + "/" + part
    let stem = part == "unet" || part == "vae" ? "diffusion_pytorch_model" : "model"
    let files = names(in: folder)
    // The plain name first, then any variant (fp16, bf16).
    let candidates = [stem + ".safetensors", stem + ".safetensors.index.json"]
      + files.filter { $0.hasPrefix(stem + ".") && $0.hasSuffix(".safetensors") && !$0.contains("-of-") }
      + files.filter { $0.hasPrefix(stem + ".") && $0.contains(".safetensors.index") && $0.hasSuffix(".json") }
    guard let name = candidates.first(where: files.contains) else {
      let pickle = files.contains { $0.hasSuffix(".bin") } ? " (.bin files are not read: convert them)" : ""
      throw CheckpointError("no \(part) in \(path); expected \(part)/\(stem).safetensors\(pickle)")
    }
    let stored = name.hasSuffix(".json")
      ? try shards(folder + "/" + name, in: folder) : TensorCatalog.locations(try SafetensorsFile(folder + "/" + name))
    var locations: [String: TensorCatalog.Location] = [:]
    for (storedName, location) in stored {
      guard let canonical = CanonicalNames.name(storedName, part: part) else { continue }
      guard locations.updateValue(location, forKey: canonical) == nil else {
        throw CheckpointError("\(folder)/\(name): two tensors for \(canonical)")
      }
    }
    return TensorCatalog(source: folder + "/" + name, locations)
  }

  /// A model cut into files, listed by an index (transformers' `weight_map`).
  private func shards(_ index: String, in folder: String) throws -> [String: TensorCatalog.Location] {
    let text = try RegularFile.text(index, limit: Self.textLimit)
    guard let map = try JSONParser.parse(Array(text.utf8), source: index)["weight_map"]?.object else {
      throw CheckpointError("\(index): no weight_map")
    }
    var files: [String: SafetensorsFile] = [:]
    var locations: [String: TensorCatalog.Location] = [:]
    for (tensor, value) in map {
      guard let name = value.string, !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
        throw CheckpointError("\(index): tensor \(tensor): a shard must be a plain file name in the same folder")
      }
      let file = try files[name] ?? SafetensorsFile(folder + "/" + name)
      files[name] = file
      guard let entry = file.entries[tensor] else {
        throw CheckpointError("\(index): tensor \(tensor) is not in \(name)")
      }
      locations[tensor] = TensorCatalog.Location(file: file, name: tensor, entry: entry)
    }
    for (name, file) in files {
      if let extra = file.entries.keys.first(where: { locations[$0]?.file !== file }) {
        throw CheckpointError("\(index): tensor \(extra) of \(name) is not listed")
      }
    }
    return locations
  }

  // MARK: - One file

  private static func partsOfOneFile(_ path: String) throws -> [String: TensorCatalog] {
    let file = try SafetensorsFile(path)
    var parts: [String: [String: TensorCatalog.Location]] = [:]
    for (stored, entry) in file.entries {
      let targets: [LDMNames.Target]
      do { targets = try LDMNames.targets(of: stored) } catch let error as CheckpointError {
        throw CheckpointError("\(path): \(error.message)")
      }
      for target in targets {
        var location = TensorCatalog.Location(file: file, name: stored, entry: entry)
        if let third = target.third {
          guard let joined = entry.shape.first, joined % 3 == 0 else {
            throw CheckpointError("\(path): tensor \(stored) \(entry.shape) is not three joined projections")
          }
          location.rows = joined / 3 * third..<joined / 3 * (third + 1)
        }
        let name = CanonicalNames.name(target.name, part: target.part) ?? target.name
        guard parts[target.part, default: [:]].updateValue(location, forKey: name) == nil else {
          throw CheckpointError("\(path): two tensors for \(target.part) \(name)")
        }
      }
    }
    guard parts["unet"] != nil || parts["vae"] != nil else {
      throw CheckpointError("\(path): not a Stable Diffusion checkpoint: no model.diffusion_model.* tensors")
    }
    if let text = parts["text_encoder"], file.entries["cond_stage_model.model.ln_final.weight"] != nil {
      parts["text_encoder"] = withoutLastLayer(text)
    }
    return parts.mapValues { TensorCatalog(source: path, $0) }
  }

  /// SD 2 uses the states before OpenCLIP's last layer.
  private static func withoutLastLayer(
    _ text: [String: TensorCatalog.Location]
  ) -> [String: TensorCatalog.Location] {
    func layer(_ name: String) -> Int? {
      name.removingPrefix("encoder.layers.").flatMap { Int($0.prefix { $0 != "." }) }
    }
    let last = text.keys.compactMap(layer).max()
    return text.filter { layer($0.key) == nil || layer($0.key) != last }
  }
}

extension ModelPack {
  /// Changes when a file of the pack is replaced.
  public var identity: Int {
    guard !isOneFile else { return fileIdentity(path) }
    var hasher = Hasher()
    for part in ["", "unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      for name in names(in: path + "/" + part) { hasher.combine(fileIdentity(path + "/" + part + "/" + name)) }
    }
    return hasher.finalize()
  }
}
