// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics

/// What shapes a stack of `VisionTransformerBlock`s.
public struct TransformerSize: Equatable, Sendable {
  public var width: Int
  public var depth: Int
  public var heads: Int
  /// Channels inside the feed-forward.
  public var hiddenWidth: Int
}

/// Pre-norm transformer block (Dosovitskiy et al. 2021): `blocks.N`, `decoder_blocks.N`.
struct VisionTransformerBlock {
  let norm1: LayerNorm
  let queryKeyValue: Linear  // attn.qkv
  let projection: Linear  // attn.proj
  let norm2: LayerNorm
  let linear1: Linear  // mlp.fc1
  let linear2: Linear  // mlp.fc2
  let heads: Int

  init(_ builder: ModelBuilder, _ size: TransformerSize, epsilon: Float) throws {
    norm1 = try LayerNorm(builder["norm1"], channels: size.width, epsilon: epsilon)
    queryKeyValue = try Linear(builder["attn"]["qkv"], in: size.width, out: 3 * size.width)
    projection = try Linear(builder["attn"]["proj"], in: size.width, out: size.width)
    norm2 = try LayerNorm(builder["norm2"], channels: size.width, epsilon: epsilon)
    linear1 = try Linear(builder["mlp"]["fc1"], in: size.width, out: size.hiddenWidth, activation: .gelu)
    linear2 = try Linear(builder["mlp"]["fc2"], in: size.hiddenWidth, out: size.width)
    heads = size.heads
  }

  /// [1, T, C] -> [1, T, C]
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try x.workspace.checkCancellation()
    let width = x.dim(2)
    let joined = queryKeyValue(norm1(x))  // [1, T, queries | keys | values]
    let context = KeysValues(
      keys: joined.channels(width..<2 * width), values: joined.channels(2 * width..<3 * width), heads: heads)
    let attended = attention(queries: joined.channels(0..<width), [context])
    let h = projection(attended, adding: x)
    return linear2(linear1(norm2(h)), adding: h)
  }
}

/// The positions of a square grid of patches as sines and cosines: grid x grid vectors of `width` channels, of which
/// the first half tells the column and the second the row (facebookresearch/mae, `util/pos_embed.py`).
///
/// For d = width / 4 each half is [sin(p w_0) ... sin(p w_d-1) cos(p w_0) ... cos(p w_d-1)], w_i = 10000^(-i / d).
func sineCosinePositions(grid: Int, width: Int) -> [Float] {
  let quarter = width / 4
  let frequencies = (0..<quarter).map { pow(10000, -Double($0) / Double(quarter)) }
  let along = (0..<grid).map { position in
    frequencies.map { Float(sin(Double(position) * $0)) } + frequencies.map { Float(cos(Double(position) * $0)) }
  }
  return (0..<grid).flatMap { row in (0..<grid).flatMap { column in along[column] + along[row] } }
}
