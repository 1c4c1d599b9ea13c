// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// What shapes a `CLIPTextModel`; names as in transformers' `text_encoder/config.json`.
public struct TextEncoderConfiguration: Equatable, Sendable {
  public enum Activation: String, Sendable {
    case quickGELU = "quick_gelu"  // OpenAI's CLIP
    case gelu  // OpenCLIP
  }

  public var vocabularySize = 49408
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layers = 12
  public var heads = 12
  public var maximumLength = 77
  public var activation = Activation.quickGELU
  public var normEpsilon: Float = 1e-5

  /// CLIP ViT-L/14, the text encoder of SD 1.5.
  public init() {}
}

extension TextEncoderConfiguration: PartConfiguration {
  public static let part = PackPart(
    "text_encoder", title: "the text encoder", files: PackPart.transformersFiles, canonicalName: CanonicalNames.textEncoder)

  /// transformers' `text_encoder/config.json`.
  public init(_ json: JSON) throws {
    self.init()
    vocabularySize = try json.value("vocab_size", or: 49408, \.int)
    hiddenSize = try json.value("hidden_size", or: 512, \.int)
    intermediateSize = try json.value("intermediate_size", or: 2048, \.int)
    layers = try json.value("num_hidden_layers", or: 12, \.int)
    heads = try json.value("num_attention_heads", or: 8, \.int)
    maximumLength = try json.value("max_position_embeddings", or: 77, \.int)
    normEpsilon = Float(try json.value("layer_norm_eps", or: 1e-5, \.double))
    let name = try json.value("hidden_act", or: "quick_gelu", \.string)
    guard let activation = Activation(rawValue: name) else {
      throw CheckpointError("\"hidden_act\" \"\(name)\" is not supported")
    }
    self.activation = activation
    try checkSizes()
  }

  /// CLIP ViT-L/14 (SD 1.5) or OpenCLIP ViT-H/14 without its last layer (SD 2), told apart by their width.
  public init(inferredFrom weights: Weights) throws {
    self.init()
    guard let table = weights.shape(of: "embeddings.token_embedding.weight"), table.count == 2,
      let positions = weights.shape(of: "embeddings.position_embedding.weight"), positions.count == 2,
      let hidden = weights.shape(of: "encoder.layers.0.mlp.fc1.weight"), hidden.count == 2
    else { throw CheckpointError("not a CLIP text encoder") }
    vocabularySize = table[0]
    maximumLength = positions[0]
    hiddenSize = table[1]
    intermediateSize = hidden[0]
    layers = weights["encoder"].count(of: "layers")
    heads = max(1, hiddenSize / 64)
    if hiddenSize >= 1024 { activation = .gelu }
    try checkSizes()
  }

  private func checkSizes() throws {
    try require(
      [vocabularySize, hiddenSize, intermediateSize, layers, heads].allSatisfy { (1...1_000_000).contains($0) }
        && (2...4096).contains(maximumLength) && hiddenSize % heads == 0, "a size is out of range")
  }
}
