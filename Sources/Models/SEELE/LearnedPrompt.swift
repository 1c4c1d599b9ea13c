// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import StableDiffusion

/// A prompt that was learned instead of written: SEELE's task prompts, LeftRefill's, textual inversion's.
///
/// What a file holds is decided in this order:
///
/// | the file has | it is |
/// |---|---|
/// | `cond_stage_model.special_embeddings.weight` [n, D] | LeftRefill's tokens |
/// | metadata `learned_prompt`: `context` or `token_embeddings` | that |
/// | tensors whose metadata says `<embed>` (cloneofsimo; LoRA tensors beside them are passed over) | token embeddings |
/// | `learned_embeds` in its own name, or a tensor called `<…>` or `emb_params` | token embeddings |
/// | one tensor of another name, [L, D] or [1, L, D] | a context |
public struct LearnedPrompt: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// What the UNet attends to, in place of the text encoder's result (Wang et al. 2024, SEELE: "task inversion").
    case context
    /// What the text encoder reads in place of a text (Gal et al. 2022, textual inversion).
    case tokenEmbeddings
    /// The same, padded with token 0 whatever the pack pads with (Cao et al. 2024, LeftRefill).
    case leftRefillTokens
  }

  public let path: String
  public let kind: Kind
  /// Rows: tokens of the context, or of the text.
  public let count: Int
  /// Values a row; 768 for SD 1.5, 1024 for SD 2.
  public let width: Int
  private let values: [Float]  // [count, width]

  private static let leftRefillName = "cond_stage_model.special_embeddings.weight"
  private static let maximumCount = 4096

  /// Throws `CheckpointError` where the file breaks a rule of its format, or where what it holds is no learned prompt.
  public init(_ path: String) throws {
    let weights = try Weights(file: path)
    let (kind, names) = try Self.contents(weights, path)
    var rows: [[Float]] = []
    var width: Int?
    for name in names {
      let shape = weights.shape(of: name) ?? []
      // [L, D], [1, L, D], or one token's [D].
      let size = shape.count == 3 && shape[0] == 1 ? Array(shape.dropFirst()) : shape.count == 1 ? [1] + shape : shape
      guard size.count == 2, (1...Self.maximumCount).contains(size[0]), size[1] > 0, size[1] == width ?? size[1],
        kind != .context || shape.count > 1
      else {
        throw CheckpointError(
          "\(path): tensor \(name) \(shape) is no learned prompt; expected [tokens, width], up to "
            + "\(Self.maximumCount) tokens")
      }
      width = size[1]
      let all = try weights.floats(name, shape: shape)
      rows += (0..<size[0]).map { Array(all[$0 * size[1]..<($0 + 1) * size[1]]) }
    }
    self.path = path
    self.kind = kind
    count = rows.count
    self.width = width ?? 0
    values = Array(rows.joined())
  }

  /// What a file holds, and the tensors that hold it, in the order of their tokens.
  private static func contents(_ weights: Weights, _ path: String) throws -> (Kind, [String]) {
    let names = weights.names
    if names.contains(leftRefillName) { return (.leftRefillTokens, [leftRefillName]) }
    let flagged = names.filter { weights.metadata[$0] == "<embed>" }
    let isInversion = path.split(separator: "/").last?.hasPrefix("learned_embeds") == true
      || names.contains { $0 == "emb_params" || $0.hasPrefix("<") && $0.hasSuffix(">") }
    switch weights.metadata["learned_prompt"] {
    case "token_embeddings": return (.tokenEmbeddings, inOrder(names))
    case "context": break
    case let other?:
      throw CheckpointError(
        "\(path): learned_prompt is neither context nor token_embeddings but of \(other.utf8.count) bytes")
    case nil where !flagged.isEmpty: return (.tokenEmbeddings, inOrder(flagged))
    case nil where isInversion: return (.tokenEmbeddings, inOrder(names))
    case nil: break
    }
    guard names.count == 1 else {
      throw CheckpointError(
        "\(path): \(names.count) tensors (\(names.prefix(3).joined(separator: ", "))); a learned prompt is one tensor "
          + "[tokens, width], or the file of a textual inversion")
    }
    return (.context, names)
  }

  /// `<s2>` comes before `<s10>`.
  private static func inOrder(_ names: [String]) -> [String] {
    names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// The UNet's context [1, L, width]: L is `count` for a context, the text encoder's length for tokens.
  ///
  /// Throws `CheckpointError` where the prompt was learned for a model of another width or has too many tokens, and
  /// `Cancelled`.
  public func context(_ encoder: PromptEncoder, in workspace: Workspace) throws -> Tensor {
    guard width == encoder.width else {
      throw CheckpointError(
        "\(path): a learned prompt \(width) wide, the model's are \(encoder.width) wide; it was learned for another "
          + "model (Stable Diffusion 1.5: 768, 2: 1024)")
    }
    if kind == .context { return Tensor([1, count, width], values, in: workspace) }
    guard count <= encoder.maximumLearned else {
      throw CheckpointError("\(path): \(count) learned tokens, the text encoder reads up to \(encoder.maximumLearned)")
    }
    return try encoder(learned: values, padding: kind == .leftRefillTokens ? 0 : nil, in: workspace)
  }
}

extension OpenedPack {
  /// The file of a learned prompt, `task_prompts/NAME.safetensors`; nil where there is none.
  public func taskPrompt(_ name: String) throws -> String? { try file("task_prompts/" + name + ".safetensors") }
}
