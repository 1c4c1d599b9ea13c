// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import Tokenizers

/// From a prompt to the UNet's context: a pack's tokenizer and text encoder.
public struct PromptEncoder: PackModel {
  public static let part = TextEncoderConfiguration.part

  let tokenizer: CLIPTokenizer
  let text: CLIPTextModel
  /// How many of the text encoder's last layers are left out, fewer than it has (diffusers' `clip_skip`).
  package var skippedLayers = 0

  /// Without a `tokenizer/` the pack gets CLIP's vocabulary.  Throws if tokenizer and text encoder do not fit.
  public init(_ pack: OpenedPack) throws {
    text = try CLIPTextModel(pack)
    tokenizer = try Self.tokenizer(pack, text.configuration)
  }

  /// A note on a text that is longer than what is read of it; nil where all is read.  Throws as `init`.
  package static func note(on prompt: String, _ pack: OpenedPack) throws -> String? {
    let configuration = try TextEncoderConfiguration(pack)
    // No token is shorter than a character.
    guard prompt.unicodeScalars.count > configuration.maximumLength - 2 else { return nil }
    let tokenizer = try Self.tokenizer(pack, configuration)
    return tokenizer.count(prompt, beyond: configuration.maximumLength).map {
      "\"\(prompt.prefix(20))...\" has \($0) tokens, of which the model reads the first "
        + "\(configuration.maximumLength - 2)"
    }
  }

  private static func tokenizer(_ pack: OpenedPack, _ text: TextEncoderConfiguration) throws -> CLIPTokenizer {
    // SD 2's OpenCLIP was trained on texts padded with token 0, "!"; OpenAI's CLIP with the end token.
    let defaultToken = text.activation == .gelu ? "!" : "<|endoftext|>"
    let tokenizer: CLIPTokenizer
    let padToken = try Self.padToken(pack) ?? defaultToken
    do {
      switch (try pack.text("tokenizer/vocab.json"), try pack.text("tokenizer/merges.txt")) {
      case (let vocabulary?, let merges?):
        let entries = try JSON(parsing: vocabulary, source: pack.path + "/tokenizer/vocab.json").object ?? [:]
        let ids = entries.compactMapValues(\.int)
        guard ids.count == entries.count else {
          throw CheckpointError("\(pack.path), tokenizer: vocab.json has an id that is no whole number")
        }
        tokenizer = try CLIPTokenizer(vocabulary: ids, merges: merges, padToken: padToken)
      case (nil, nil): tokenizer = try CLIPTokenizer(padToken: padToken)
      default:
        // CLIP's own would give other tokens without a word.
        throw CheckpointError("\(pack.path), tokenizer: vocab.json and merges.txt belong together, one is missing")
      }
    } catch let error as TokenizerError {
      throw CheckpointError("\(pack.path), tokenizer: \(error.description)")
    }
    guard tokenizer.largestID < text.vocabularySize else {
      throw CheckpointError(
        "\(pack.path): the tokenizer has ids up to \(tokenizer.largestID), the text encoder knows "
          + "\(text.vocabularySize); add the tokenizer that belongs to it")
    }
    return tokenizer
  }

  /// As transformers: `special_tokens_map.json`, where SD 2 has its token (diffusers issue 2201), wins unless the
  /// configuration is of the newer kind, with an `added_tokens_decoder`.
  private static func padToken(_ pack: OpenedPack) throws -> String? {
    func json(_ name: String) throws -> JSON? {
      let path = "tokenizer/" + name
      return try pack.text(path).map { try JSON(parsing: $0, source: pack.path + "/" + path) }
    }
    /// A token's text, or an object with it.
    func padToken(_ json: JSON?) -> String? { json?["pad_token"]?.string ?? json?["pad_token"]?["content"]?.string }

    let configuration = try json("tokenizer_config.json")
    if configuration?["added_tokens_decoder"] != nil { return padToken(configuration) }
    return try padToken(json("special_tokens_map.json")) ?? padToken(configuration)
  }

  /// Values of a token's embedding, and of a context's row.
  public var width: Int { text.configuration.hiddenSize }
  /// Learned tokens that fit between start and end.
  public var maximumLearned: Int { text.configuration.maximumLength - 2 }

  /// A text of learned tokens alone: start, the tokens, end, then padding.
  ///
  /// learned: up to `maximumLearned` rows of `width` values; padding: the token behind the end, nil for the pack's own.
  /// -> [1, T, width]
  public func callAsFunction(learned: [Float], padding: Int32? = nil, in workspace: Workspace) throws -> Tensor {
    let length = text.configuration.maximumLength
    let empty = tokenizer.encode("", length: length)  // start, end, padding
    let count = learned.count / width
    precondition(learned.count % width == 0 && count <= maximumLearned, "\(learned.count) learned values")
    let places = [Int32](repeating: empty[1], count: count)
    let rest = padding.map { [empty[1]] + [Int32](repeating: $0, count: length - 2) } ?? Array(empty.dropFirst())
    return try text(Array(([empty[0]] + places + rest).prefix(length)), learned: learned, skippedLayers: skippedLayers,
      in: workspace)
  }

  /// -> [1, T, width].  What does not fit into T tokens is cut off.
  public func callAsFunction(_ prompt: String, in workspace: Workspace) throws -> Tensor {
    let tokens = tokenizer.encode(prompt, length: text.configuration.maximumLength)
    return try text(tokens, skippedLayers: skippedLayers, in: workspace)
  }
}
