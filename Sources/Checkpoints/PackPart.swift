// SPDX-License-Identifier: LGPL-3.0-or-later
/// A part of a pack that has weights, as its family declares it.
public struct PackPart: Sendable {
  /// Its folder in the pack: "unet".
  public let name: String
  /// For texts: "the UNet".
  public let title: String
  /// What its weights can be called, the first that is there counts: `model.safetensors`; variants and shards too.
  let files: [String]
  /// What it is called where it is published in several files, each without an ending, beside what stands before the names
  /// of its tensors then.
  let pieces: [(file: String, prefix: String)]
  /// Whether it is published as a single file of any name, without a configuration, which its tensors tell then.
  let isPublishedAlone: Bool
  /// The newest name of a stored tensor; nil for what the model does not use.
  let canonicalName: @Sendable (_ stored: String) -> String?

  public init(
    _ name: String, title: String, files: [String], pieces: [(file: String, prefix: String)] = [],
    isPublishedAlone: Bool = false,
    canonicalName: @escaping @Sendable (_ stored: String) -> String? = { $0 }
  ) {
    self.name = name
    self.title = title
    self.files = files
    self.pieces = pieces
    self.isPublishedAlone = isPublishedAlone
    self.canonicalName = canonicalName
  }

  /// What diffusers calls a model's weights.
  public static let diffusersFiles = ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"]
  /// What transformers calls them.
  public static let transformersFiles = ["model.safetensors", "pytorch_model.bin"]
}
