// SPDX-License-Identifier: LGPL-3.0-or-later
/// The generator of LaMa (Suvorov et al. 2022) in what is published of it.
///
/// | file | names begin |
/// |---|---|
/// | `best.ckpt`, as training wrote it | `generator.model.` |
/// | TorchScript, as the authors' `to_jit.py` writes it | `model.generator.model.` |
/// | an export of the generator | `model.` |
///
/// Whatever else is there, discriminators and losses, is passed over.
package enum LaMaNames {
  package static let part = PackPart(
    "lama", title: "LaMa", files: PackPart.transformersFiles, isPublishedAlone: true, canonicalName: canonical)

  /// Where a release has its weights, beside a `config.yaml`.
  static let releasedFile = "models/best.ckpt"

  /// `1.ffc.convl2l.weight`: from the layer's number on; nil for what the generator does not use.
  private static func canonical(_ stored: String) -> String? {
    let name = stored.removingPrefix("model.generator.") ?? stored.removingPrefix("generator.") ?? stored
    guard let layer = name.removingPrefix("model."), layer.utf8.first.map({ (0x30...0x39).contains($0) }) == true,
      !layer.hasSuffix(".num_batches_tracked")
    else { return nil }
    return layer
  }

  /// Whether a file of these tensors is a LaMa.
  static func recognizes(_ names: some Sequence<String>) -> Bool {
    names.contains { canonical($0)?.hasSuffix(".ffc.convl2l.weight") == true }
  }
}
