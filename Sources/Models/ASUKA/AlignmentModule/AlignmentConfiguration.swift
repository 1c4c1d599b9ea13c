// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// What shapes an `AlignmentModule`; names in `alignment/config.json` as far as transformers has them.
public struct AlignmentConfiguration: Equatable, Sendable {
  public enum Attention: String, Sendable {
    case own = "self"
    case cross
  }

  /// `input_size`: the masked autoencoder's decoder width.
  public var inputWidth = 512
  /// `hidden_size`: the UNet's context width.
  public var width = 768
  /// `num_hidden_layers`; 0 is the linear variant.
  public var depth = 4
  public var heads = 12
  public var attention = Attention.own
  /// `num_queries`: tokens of the context, with cross-attention.
  public var queries = 256

  /// ASUKA's choice: four self-attentions, for Stable Diffusion 1.5.
  public init() {}

  /// The most memory that the tensors of a pass over so many features take at once, in bytes: about twenty vectors of
  /// its width for each token, and one widened weight matrix.
  package func activationBytes(features: Int) -> Int {
    let tokens = 20 * max(features, queries) * width
    return (tokens + 7 * width * width) * MemoryLayout<Float>.stride
  }
}

extension AlignmentConfiguration: PartConfiguration {
  public static let part = PackPart(
    "alignment", title: "the alignment module", files: ["model.safetensors", "model.bin"], isPublishedAlone: true)

  /// Throws `CheckpointError` for sizes that do not fit each other.
  public init(_ json: JSON) throws {
    inputWidth = try json.value("input_size", or: 512, \.int)
    width = try json.value("hidden_size", or: 768, \.int)
    depth = try json.value("num_hidden_layers", or: 4, \.int)
    heads = try json.value("num_attention_heads", or: 12, \.int)
    queries = try json.value("num_queries", or: 256, \.int)
    let name = try json.value("attention", or: Attention.own.rawValue, \.string)
    guard let attention = Attention(rawValue: name) else {
      throw CheckpointError("\"attention\" \"\(name)\" is not supported; there are self and cross")
    }
    self.attention = attention
    try checkSizes()
  }

  /// From a file without configuration.
  public init(inferredFrom weights: Weights) throws {
    guard let first = weights.shape(of: "0.weight"), first.count == 2 else {
      throw CheckpointError("not an alignment module of ASUKA; or add config.json")
    }
    (width, inputWidth) = (first[0], first[1])
    depth = 0
    while weights[depth + 1].contains("linear1.weight") { depth += 1 }
    heads = width / max(1, weights.shape(of: "1.norm.query_norm.scale")?.first ?? width)
    if let queries = weights.shape(of: "queries"), queries.count == 3 {
      attention = .cross
      self.queries = queries[1]
    }
    try checkSizes()
  }

  private func checkSizes() throws {
    try require(
      [inputWidth, width, heads].allSatisfy { (1...65536).contains($0) } && (0...256).contains(depth)
        && (1...4096).contains(queries), "a size is out of range")
    try require(width % heads == 0, "\"hidden_size\" cannot be split into num_attention_heads heads")
  }
}
