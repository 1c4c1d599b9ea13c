// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// The text half of CLIP (Radford et al. 2021): causal transformer, last hidden state behind the final norm.
public struct CLIPTextModel: LayeredModel {
  public let configuration: TextEncoderConfiguration
  let tokenEmbedding: Embedding  // embeddings.token_embedding
  let positionEmbedding: Embedding  // embeddings.position_embedding
  let layers: [CLIPEncoderLayer]  // encoder.layers
  let finalNorm: LayerNorm  // final_layer_norm
  let lowRankLayers: LowRankLayers

  /// Throws `CheckpointError` if a tensor is missing or misshapen.
  public init(_ builder: ModelBuilder, _ configuration: TextEncoderConfiguration) throws {
    let c = configuration
    self.configuration = c
    let embeddings = builder["embeddings"]
    tokenEmbedding = try Embedding(embeddings["token_embedding"], entries: c.vocabularySize, width: c.hiddenSize)
    positionEmbedding = try Embedding(embeddings["position_embedding"], entries: c.maximumLength, width: c.hiddenSize)
    layers = try (0..<c.layers).map { try CLIPEncoderLayer(builder["encoder"]["layers"][$0], c) }
    finalNorm = try LayerNorm(builder["final_layer_norm"], channels: c.hiddenSize, epsilon: c.normEpsilon)
    lowRankLayers = builder.lowRankLayers
  }

  /// tokens: at most `maximumLength` ids below `vocabularySize` -> [1, T, hiddenSize]
  ///
  /// learned: rows of `hiddenSize` values that stand for the tokens behind the first one, instead of the table's;
  /// skippedLayers: so many of the last layers are left out, fewer than there are (diffusers' `clip_skip`).
  public func callAsFunction(
    _ tokens: [Int32], learned: [Float] = [], skippedLayers: Int = 0, in workspace: Workspace
  ) throws -> Tensor {
    let width = configuration.hiddenSize
    precondition(learned.count % width == 0 && learned.count / width < tokens.count, "\(learned.count) learned values")
    var h = tokenEmbedding(tokens.map(Int.init), in: workspace)
    if !learned.isEmpty {
      let places = Array(1...learned.count / width)
      h.scatterRowsInPlace(Tensor([1, places.count, width], learned, in: workspace), at: places)
    }
    h.addInPlace(positionEmbedding(Array(tokens.indices), in: workspace))
    for layer in layers.dropLast(skippedLayers) {
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

  init(_ builder: ModelBuilder, _ c: TextEncoderConfiguration) throws {
    let (attention, width) = (builder["self_attn"], c.hiddenSize)
    norm1 = try LayerNorm(builder["layer_norm1"], channels: width, epsilon: c.normEpsilon)
    query = try Linear(attention["q_proj"], in: width, out: width)
    key = try Linear(attention["k_proj"], in: width, out: width)
    value = try Linear(attention["v_proj"], in: width, out: width)
    output = try Linear(attention["out_proj"], in: width, out: width)
    norm2 = try LayerNorm(builder["layer_norm2"], channels: width, epsilon: c.normEpsilon)
    linear1 = try Linear(
      builder["mlp"]["fc1"], in: width, out: c.intermediateSize, activation: c.activation == .gelu ? .gelu : .quickGELU)
    linear2 = try Linear(builder["mlp"]["fc2"], in: c.intermediateSize, out: width)
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
