// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// From the masked autoencoder's features to the UNet's cross-attention context, in place of a prompt (ASUKA).
///
/// A linear layer, `depth` blocks and a layer norm, numbered one after the other as in the released files.  The four
/// variants of ASUKA's ablation are a depth of 0 (linear), 1 or 4 with self-attention, and 4 with cross-attention:
/// there learned vectors (`queries`, one for each token of the context) are what the blocks work on, and the features
/// are what they look at.
public struct AlignmentModule: LayeredModel {
  public let configuration: AlignmentConfiguration
  let queries: [Float]?  // queries, of cross-attention
  let first: Linear  // 0
  let contextNorm: LayerNorm  // no parameters
  let blocks: [AlignmentBlock]  // 1 ... depth
  let last: LayerNorm  // depth + 1

  /// PyTorch's default.
  private static let lastEpsilon: Float = 1e-5

  /// Throws `CheckpointError` if a tensor is missing or misshapen, and for the modules that ASUKA released, which were
  /// trained for FLUX.
  public init(_ builder: ModelBuilder, _ configuration: AlignmentConfiguration) throws {
    try Self.refuseFLUX(builder.weights)
    let c = configuration
    self.configuration = c
    queries = c.attention == .cross ? try builder.weights.floats("queries", shape: [1, c.queries, c.width]) : nil
    first = try Linear(builder[0], in: c.inputWidth, out: c.width)
    contextNorm = LayerNorm(channels: c.width, epsilon: AlignmentBlock.epsilon)
    blocks = try (0..<c.depth).map { try AlignmentBlock(builder[$0 + 1], c) }
    last = try LayerNorm(builder[c.depth + 1], channels: c.width, epsilon: Self.lastEpsilon)
  }

  /// The released files hold FLUX's modulation layers, which no forward pass used.
  private static func refuseFLUX(_ weights: Weights) throws {
    guard weights.contains("1.modulation.lin.weight") else { return }
    let width = weights.shape(of: "0.weight")?.first ?? 0
    throw CheckpointError(
      "\(weights.file): an alignment module of ASUKA for FLUX (it has modulation.lin), "
        + (width == 768
          ? "made to be averaged to one vector in place of CLIP's; as a context of Stable Diffusion it means nothing"
          : "whose context of width \(width) is in place of T5's, not of Stable Diffusion's text encoder")
        + "; use one that was trained with Stable Diffusion")
  }

  /// features: [N, T, inputWidth] -> context [N, T, width]; with cross-attention [N, queries, width]
  public func callAsFunction(_ features: Tensor) throws -> Tensor {
    let projected = first(features)  // [N, T, width]
    guard let queries else { return last(try blocks.reduce(projected) { try $1($0) }) }
    let context = contextNorm(projected)
    let start = Tensor([1, configuration.queries, configuration.width], queries, in: features.workspace)
      .repeated(features.dim(0))
    return last(try blocks.reduce(start) { try $1($0, context) })
  }
}

/// Attention and feed-forward side by side, on the same normalised input and with one projection before and one behind
/// (Wang and Komatsuzaki 2021; Black Forest Labs' FLUX, single-stream block), queries and keys normalised for each
/// head (Henry et al. 2020).  No positions: the features have them.
///
/// With cross-attention `linear1` makes no keys and values; `context` makes them from the features.
struct AlignmentBlock {
  static let epsilon: Float = 1e-6
  /// The feed-forward's width in the block's.
  private static let expansion = 4

  let norm: LayerNorm  // no parameters
  let linear1: Linear  // queries | keys | values | feed-forward, or queries | feed-forward
  let context: Linear?  // keys | values
  let queryNorm: RMSNorm  // norm.query_norm
  let keyNorm: RMSNorm  // norm.key_norm
  let linear2: Linear  // from attended | feed-forward
  let heads: Int

  init(_ builder: ModelBuilder, _ c: AlignmentConfiguration) throws {
    let attends = c.attention == .cross ? 1 : 3
    norm = LayerNorm(channels: c.width, epsilon: Self.epsilon)
    linear1 = try Linear(builder["linear1"], in: c.width, out: (attends + Self.expansion) * c.width)
    context = c.attention == .cross ? try Linear(builder["context"], in: c.width, out: 2 * c.width) : nil
    queryNorm = try RMSNorm(builder["norm"]["query_norm"], headWidth: c.width / c.heads, epsilon: Self.epsilon)
    keyNorm = try RMSNorm(builder["norm"]["key_norm"], headWidth: c.width / c.heads, epsilon: Self.epsilon)
    linear2 = try Linear(builder["linear2"], in: (1 + Self.expansion) * c.width, out: c.width)
    heads = c.heads
  }

  /// x: [N, T, C]; features: [N, S, C], normalised, where keys and values come from them -> [N, T, C]
  func callAsFunction(_ x: Tensor, _ features: Tensor? = nil) throws -> Tensor {
    try x.workspace.checkCancellation()
    let width = x.dim(2)
    let joined = linear1(norm(x))
    let queries = queryNorm(joined.channels(0..<width))
    let pairs = context.flatMap { layer in features.map { layer($0) } }  // [N, S, keys | values]
      ?? joined.channels(width..<3 * width)
    let keys = keyNorm(pairs.channels(0..<width))
    let values = pairs.channels(width..<2 * width)
    let contexts = (0..<x.dim(0)).map { KeysValues(keys: keys[image: $0], values: values[image: $0], heads: heads) }
    let attended = attention(queries: queries, contexts)
    let hidden = joined.channels(joined.dim(2) - Self.expansion * width..<joined.dim(2))
    hidden.tanhGELUInPlace()
    return linear2(concatenate(attended, hidden), adding: x)
  }
}
