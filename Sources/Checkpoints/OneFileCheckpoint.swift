// SPDX-License-Identifier: LGPL-3.0-or-later
/// A whole model in one file under its original names: a LaMa, or a Stable Diffusion 1 or 2, whose UNet, autoencoder and
/// text encoder are told apart by prefixes; the versions are told apart by the shapes, which the models see.
enum OneFileCheckpoint {
  /// The parts under diffusers' names.
  ///
  /// Throws `CheckpointError` where a tensor has no place in a part, or where there is no UNet and no autoencoder.
  static func parts(_ source: any TensorSource) throws -> [String: TensorCatalog] {
    let path = source.path
    if LaMaNames.recognizes(source.tensors.keys) {
      let part = LaMaNames.part
      return [part.name: try TensorCatalog.canonical(TensorCatalog.locations(source), of: part, path: path)]
    }
    var parts: [String: [String: TensorCatalog.Location]] = [:]
    var strangers: [String] = []
    for (stored, description) in source.tensors {
      guard let targets = LDMNames.targets(of: stored) else {
        strangers.append(stored)
        continue
      }
      for target in targets {
        let rows = try target.third.map { try third($0, of: description, named: stored, path: path) }
        let location = TensorCatalog.Location(source, stored, description, rows: rows)
        guard parts[target.part, default: [:]].updateValue(location, forKey: target.name) == nil else {
          throw CheckpointError("\(path): two tensors for \(target.part) \(target.name)")
        }
      }
    }
    guard parts["unet"] != nil || parts["vae"] != nil else {
      throw CheckpointError("\(path): neither a Stable Diffusion checkpoint nor a LaMa: no tensors \(expected(of: "unet"))")
    }
    guard strangers.isEmpty else {
      throw CheckpointError(
        "\(path): \(strangers.count) tensors have no place in Stable Diffusion 1 or 2, so it is another model's: "
          + strangers.sorted().prefix(3).joined(separator: ", ") + (strangers.count > 3 ? ", ..." : ""))
    }
    return parts.mapValues { TensorCatalog(path: path, $0) }
  }

  /// The original names of a part, for messages.
  static func expected(of part: String) -> String {
    LDMNames.prefixes[part].map { $0 + "*" }
      ?? "of it; one file holds \(LDMNames.prefixes.keys.sorted().joined(separator: ", ")), the rest needs a folder"
  }

  private static func third(
    _ third: Int, of description: TensorDescription, named stored: String, path: String
  ) throws -> Range<Int> {
    guard let joined = description.shape.first, joined > 0, joined % 3 == 0 else {
      throw CheckpointError("\(path): tensor \(stored) \(description.shape) is not three joined projections")
    }
    return joined / 3 * third..<joined / 3 * (third + 1)
  }
}
