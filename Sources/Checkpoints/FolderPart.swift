// SPDX-License-Identifier: LGPL-3.0-or-later
/// A part's weights in a diffusers folder: one file or shards with an index, in full precision or a variant.
struct FolderPart {
  let folder: String
  let part: PackPart

  /// `path` is the pack's.
  init(_ path: String, _ part: PackPart) {
    folder = path + "/" + part.name
    self.part = part
  }

  private static let indexLimit = 16 << 20

  /// Throws `CheckpointError` where the folder has no weights, or where they break a rule of their format.
  func catalog() throws -> TensorCatalog {
    let files = try names(in: folder)
    for file in part.files {
      guard let name = Self.preferred(files, as: file) else { continue }
      return try catalog(of: name, as: file)
    }
    if let pieces = try pieces(files) { return pieces }
    if part.isPublishedAlone, part.pieces.isEmpty, let name = try onlyFile(files) { return try catalog(of: name, as: name) }
    throw CheckpointError(
      "no \(part.name) in \(folder.dropLast(part.name.count + 1)); expected "
        + part.files.map { part.name + "/" + $0 }.joined(separator: " or ")
        + (part.pieces.isEmpty ? "" : " or \(part.pieces.map { $0.file + ".safetensors" }.joined(separator: " and "))")
        + (part.isPublishedAlone && part.pieces.isEmpty ? " or one file of another name" : ""))
  }

  /// `file`: what the part's declaration calls it.
  private func catalog(of name: String, as file: String) throws -> TensorCatalog {
    let path = folder + "/" + name
    let stored = name.hasSuffix(".json")
      ? try shards(listedIn: path, suffix: Self.cut(file).suffix) : TensorCatalog.locations(try openTensorSource(path))
    return try TensorCatalog.canonical(stored, of: part, path: path)
  }

  /// Of all the part's pieces; nil unless all are there.
  private func pieces(_ files: [String]) throws -> TensorCatalog? {
    let found = part.pieces(among: files)
    guard !found.isEmpty, found.count == part.pieces.count else { return nil }
    var stored: [String: TensorCatalog.Location] = [:]
    for (name, piece) in zip(found, part.pieces) {
      for (tensor, location) in TensorCatalog.locations(try openTensorSource(folder + "/" + name)) {
        stored[piece.prefix + tensor] = location
      }
    }
    return try TensorCatalog.canonical(stored, of: part, path: folder)
  }

  /// The one file of weights, whatever its name; nil if there is none.  Throws if there are several.
  private func onlyFile(_ files: [String]) throws -> String? {
    let weights = files.filter { $0.hasSuffix(".safetensors") || isTorchName($0) }
    guard weights.count < 2 else {
      throw CheckpointError(
        "\(folder): several files of weights, \(weights.joined(separator: ", ").excerpt); leave one there, or call it "
          + part.files.joined(separator: " or "))
    }
    return weights.first
  }

  /// The file, or the index of shards, to read of those in a folder: the plain name first, then variants by what they
  /// keep of the weights.  nil if there is none.
  ///
  /// The names are diffusers' and transformers': `STEM.fp16.safetensors`, `STEM.safetensors.index.fp16.json`,
  /// `STEM.fp16-00001-of-00002.safetensors` (a shard, only read through its index).
  static func preferred(_ files: [String], as file: String) -> String? {
    let (stem, suffix) = cut(file)
    func variant(_ name: String) -> String? {
      guard let rest = name.removingPrefix(stem + ".") else { return nil }
      if rest == suffix || rest == suffix + ".index.json" { return "" }
      if let index = rest.removingPrefix(suffix + ".index."), index.hasSuffix(".json") {
        return String(index.dropLast(".json".count))
      }
      return rest.hasSuffix("." + suffix) && !rest.contains("-of-") ? String(rest.dropLast(suffix.count + 1)) : nil
    }
    /// Training's running weights are the last choice: the plain name's are the averages.
    let known = ["": 0, "fp32": 1, "fp16": 2, "bf16": 3, "non_ema": 5]
    return files.compactMap { name in
      variant(name).map { (rank: known[$0] ?? 4, isIndex: name.hasSuffix(".json") ? 1 : 0, name: name) }
    }.min { ($0.rank, $0.isIndex, $0.name) < ($1.rank, $1.isIndex, $1.name) }?.name
  }

  /// `model.safetensors`: model, safetensors.
  private static func cut(_ file: String) -> (stem: String, suffix: String) {
    let dot = file.lastIndex(of: ".") ?? file.endIndex
    return (String(file[..<dot]), String(file[dot...].dropFirst()))
  }

  /// A model cut into files, listed by an index (transformers' `weight_map`).
  private func shards(listedIn index: String, suffix: String) throws -> [String: TensorCatalog.Location] {
    let json = try JSON(parsing: RegularFile.text(index, limit: Self.indexLimit), source: index)
    guard let map = json["weight_map"]?.object else { throw CheckpointError("\(index): no weight_map") }
    var files: [String: any TensorSource] = [:]
    var locations: [String: TensorCatalog.Location] = [:]
    for (tensor, value) in map.sorted(by: { $0.key < $1.key }) {
      guard let name = value.string, Self.isPlain(name), name.hasSuffix("." + suffix) else {
        throw CheckpointError(
          "\(index): tensor \(tensor.excerpt): a shard must be a .\(suffix) file in the same folder, by its plain name")
      }
      let file = try files[name] ?? openTensorSource(folder + "/" + name)
      files[name] = file
      guard let description = file.tensors[tensor] else {
        throw CheckpointError("\(index): tensor \(tensor.excerpt) is not in \(name)")
      }
      locations[tensor] = TensorCatalog.Location(file, tensor, description)
    }
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      if let extra = file.tensors.keys.sorted().first(where: { locations[$0]?.source !== file }) {
        throw CheckpointError("\(index): tensor \(extra) of \(name) is not listed")
      }
    }
    return locations
  }

  /// Bytes are compared, since a slash with an accent is a slash to the system but not to `String`.
  private static func isPlain(_ name: String) -> Bool {
    !name.utf8.contains(UInt8(ascii: "/")) && name.utf8.first != UInt8(ascii: ".") && name.utf8.count <= 255
      && name.isPrintable
  }
}

extension PackPart {
  /// The pieces that are there, in order.
  fileprivate func pieces(among files: [String]) -> [String] {
    pieces.compactMap { piece in
      files.first { $0 == piece.file + ".safetensors" || ($0.hasPrefix(piece.file + ".") && isTorchName($0)) }
    }
  }
}

extension OpenedPack {
  /// Whether a part's folder has any of the pieces in which it may be published.
  package func hasPiece(of part: PackPart) throws -> Bool {
    try !isOneFile && !part.pieces(among: names(in: path + "/" + part.name)).isEmpty
  }
}
