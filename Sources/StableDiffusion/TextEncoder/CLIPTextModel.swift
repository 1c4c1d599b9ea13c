import Checkpoints
import Tensors

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

/// The text half of CLIP (Radford et al. 2021): causal transformer, last hidden state behind the final norm.
public struct CLIPTextModel {
  public let configuration: TextEncoderConfiguration
  let tokenEmbedding: Embedding  // embeddings.token_embedding
  let positionEmbedding: Embedding  // embeddings.position_embedding
  let layers: [CLIPEncoderLayer]  // encoder.layers
  let finalNorm: LayerNorm  // final_layer_norm
  let lowRankLayers: LowRankLayers

  /// Throws `CheckpointError` if a tensor is missing, misshapen or left over.
  public init(_ weights: Weights, _ configuration: TextEncoderConfiguration) throws {
    let c = configuration
    self.configuration = c
    let embeddings = weights["embeddings"]
    tokenEmbedding = try Embedding(embeddings["token_embedding"], entries: c.vocabularySize, width: c.hiddenSize)
    positionEmbedding = try Embedding(embeddings["position_embedding"], entries: c.maximumLength, width: c.hiddenSize)
    layers = try (0..<c.layers).map { try CLIPEncoderLayer(weights["encoder"]["layers"][$0], c) }
    finalNorm = try LayerNorm(weights["final_layer_norm"], channels: c.hiddenSize, epsilon: c.normEpsilon)
    lowRankLayers = LowRankLayers(weights)
    try weights.finish()
  }

  /// tokens: at most `maximumLength` ids below `vocabularySize` -> [1, T, hiddenSize]
  ///
  /// learned: rows of `hiddenSize` values that stand for the tokens behind the first one, instead of the table's.
  public func callAsFunction(_ tokens: [Int32], learned: [Float] = [], in workspace: Workspace) throws -> Tensor {
    let width = configuration.hiddenSize
    precondition(learned.count % width == 0 && learned.count / width < tokens.count, "\(learned.count) learned values")
    var h = tokenEmbedding(tokens.map(Int.init), in: workspace)
    if !learned.isEmpty {
      let places = Array(1...learned.count / width)
      h.scatterRowsInPlace(Tensor([1, places.count, width], learned, in: workspace), at: places)
    }
    h.addInPlace(positionEmbedding(Array(tokens.indices), in: workspace))
    for layer in layers {
      try workspace.checkCancellation()
      h = layer(h)
    }
    return finalNorm(h)
  }
}

/// Pre-norm transformer layer: `encoder.layers.N`.
struct CLIPEncoderLayer {
  let norm1: LayerNorm  // layer_norm1
  let query: Linear  // self_attn.q_proj
  let key: Linear  // self_attn.k_proj
  let value: Linear  // self_attn.v_proj
  let output: Linear  // self_attn.out_proj
  let norm2: LayerNorm  // layer_norm2
  let linear1: Linear  // mlp.fc1
  let linear2: Linear  // mlp.fc2
  let heads: Int

  init(_ weights: Weights, _ c: TextEncoderConfiguration) throws {
    let (attention, width) = (weights["self_attn"], c.hiddenSize)
    norm1 = try LayerNorm(weights["layer_norm1"], channels: width, epsilon: c.normEpsilon)
    query = try Linear(attention["q_proj"], in: width, out: width)
    key = try Linear(attention["k_proj"], in: width, out: width)
    value = try Linear(attention["v_proj"], in: width, out: width)
    output = try Linear(attention["out_proj"], in: width, out: width)
    norm2 = try LayerNorm(weights["layer_norm2"], channels: width, epsilon: c.normEpsilon)
    linear1 = try Linear(
      weights["mlp"]["fc1"], in: width, out: c.intermediateSize, activation: c.activation == .gelu ? .gelu : .quickGELU)
    linear2 = try Linear(weights["mlp"]["fc2"], in: c.intermediateSize, out: width)
    heads = c.heads
  }

  /// [1, T, C] -> [1, T, C]
  func callAsFunction(_ x: Tensor) -> Tensor {
    let normed = norm1(x)
    let context = KeysValues(keys: key(normed), values: value(normed), heads: heads)
    let h = output(attention(queries: query(normed), [context], causal: true), adding: x)
    return linear2(linear1(norm2(h)), adding: h)
  }
}
