import COpenBLAS
import CKernels

/// What queries look at: keys and values [1, S, heads x d] each.
public struct KeysValues {
  public let keys: Tensor
  public let values: Tensor

  public init(keys: Tensor, values: Tensor) {
    precondition(keys.shape == values.shape && keys.dim(0) == 1, "keys \(keys.shape), values \(values.shape)")
    self.keys = keys
    self.values = values
  }
}

/// softmax(Q K^T / sqrt(d)) V for each head (Vaswani et al. 2017).
///
/// queries: [N, T, heads x d] -> the same shape.  `contexts` has one entry for each image, whose lengths S may differ,
/// or one for all.  `causal`: token t sees keys 0 ... t only.
///
/// The scores are made and used in tiles with a running softmax (Dao et al. 2022); the T x S matrix never exists.
public func attention(queries: Tensor, _ contexts: [KeysValues], heads: Int, causal: Bool = false) -> Tensor {
  let (images, tokens, width) = (queries.dim(0), queries.dim(1), queries.dim(2))
  precondition(width % heads == 0, "\(width) channels in \(heads) heads")
  precondition(contexts.count == images || contexts.count == 1, "\(contexts.count) contexts for \(images) images")
  precondition(contexts.allSatisfy { $0.keys.dim(2) == width }, "keys \(contexts[0].keys.shape), width \(width)")
  let tile = AttentionTile(
    headWidth: width / heads, stride: width, scale: 1 / Float(width / heads).squareRoot(), causal: causal)
  let result = Tensor(queries.shape, in: queries.workspace)
  let blocks = (tokens + AttentionTile.queries - 1) / AttentionTile.queries
  queries.workspace.parallel(images * heads * blocks, scratch: tile.scratchCount) { index, scratch in
    let (image, head, block) = (index / blocks / heads, index / blocks % heads, index % blocks)
    let first = block * AttentionTile.queries
    let context = contexts[contexts.count == 1 ? 0 : image]
    let offset = (image * tokens + first) * width + head * tile.headWidth
    tile.run(
      queries.pointer + offset, first: first, rows: min(AttentionTile.queries, tokens - first),
      context.keys.pointer + head * tile.headWidth, context.values.pointer + head * tile.headWidth,
      keyCount: context.keys.dim(1), to: result.pointer + offset, scratch: scratch)
  }
  return result
}

/// One head's attention for a block of queries.
private struct AttentionTile {
  /// 256 x 512 scores are 512 KB: they stay in the second-level cache between their three uses.
  static let queries = 256
  static let keys = 512

  let headWidth: Int
  let stride: Int
  let scale: Float
  let causal: Bool

  var scratchCount: Int { Self.queries * (Self.keys + headWidth + 2) }

  func run(
    _ queries: UnsafePointer<Float>, first: Int, rows: Int, _ keys: UnsafePointer<Float>,
    _ values: UnsafePointer<Float>, keyCount: Int, to result: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let scores = scratch
    let partial = scores + Self.queries * Self.keys  // [rows, headWidth]
    let maxima = partial + Self.queries * headWidth
    let sums = maxima + Self.queries
    partial.update(repeating: 0, count: rows * headWidth)
    maxima.update(repeating: -.greatestFiniteMagnitude, count: rows)
    sums.update(repeating: 0, count: rows)

    let seen = causal ? min(keyCount, first + rows) : keyCount
    for start in Swift.stride(from: 0, to: seen, by: Self.keys) {
      let count = min(Self.keys, seen - start)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(count), blasint(headWidth), scale, queries,
        blasint(stride), keys + start * stride, blasint(stride), 0, scores, blasint(Self.keys))
      let limit = causal ? first + 1 - start : count
      kernels.softmax_turn(
        scores, Int64(Self.keys), Int64(rows), Int64(count), Int64(limit), maxima, sums, partial, Int64(headWidth))
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(headWidth), blasint(count), 1, scores,
        blasint(Self.keys), values + start * stride, blasint(stride), 1, partial, blasint(headWidth))
    }
    for row in 0..<rows {
      let factor = 1 / sums[row]
      for column in 0..<headWidth { result[row * stride + column] = partial[row * headWidth + column] * factor }
    }
  }
}
