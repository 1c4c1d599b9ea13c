// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// What queries look at: one image's keys and values, packed for each head.  Those of a text are packed once a run.
public struct KeysValues {
  let packed: Tensor  // [heads, floats a head]
  let count: Int
  let width: Int  // of a head
  let arithmetic: Arithmetic
  var heads: Int { packed.dim(0) }

  /// keys, values: [1, S, heads x d] each.
  public init(keys: Tensor, values: Tensor, heads: Int, _ arithmetic: Arithmetic = .float32) {
    precondition(
      keys.shape == values.shape && keys.dim(0) == 1 && keys.dim(2) % heads == 0,
      "keys \(keys.shape), values \(values.shape) in \(heads) heads")
    let (count, channels) = (keys.dim(1), keys.dim(2))
    let width = channels / heads
    let kernels = arithmetic.kernels
    let size = (floats(kernels.keys_bytes(Int64(count), Int64(width))) + 15) & ~15
    let packed = Tensor([heads, size], in: keys.workspace)
    keys.workspace.measured(.attention) {
      parallelFor(heads) { head in
        kernels.pack_keys(
          keys.pointer + head * width, values.pointer + head * width, Int64(channels), Int64(count), Int64(width),
          packed.pointer + head * size)
      }
    }
    (self.packed, self.count, self.width, self.arithmetic) = (packed, count, width, arithmetic)
  }
}

/// softmax(Q K^T / sqrt(d)) V for each head (Vaswani et al. 2017).
///
/// queries: [N, T, heads x d] -> the same shape.  `contexts` has one entry for each image, whose lengths S may differ,
/// or one for all.  `causal`: token t sees keys 0 ... t only.
///
/// The scores are made and used in tiles with a running softmax (Dao et al. 2022); the T x S matrix never exists.  All
/// contexts were packed for the same arithmetic.
public func attention(queries: Tensor, _ contexts: [KeysValues], causal: Bool = false) -> Tensor {
  let (images, tokens, channels) = (queries.dim(0), queries.dim(1), queries.dim(2))
  let (heads, width) = (contexts[0].heads, contexts[0].width)
  precondition(contexts.count == images || contexts.count == 1, "\(contexts.count) contexts for \(images) images")
  precondition(
    contexts.allSatisfy { $0.heads == heads && $0.width == width } && channels == heads * width,
    "queries \(queries.shape) for \(heads) heads of \(width)")
  let kernels = contexts[0].arithmetic.kernels
  let result = Tensor(queries.shape, in: queries.workspace)
  let rows = min(tokens, Int(kernels.attend_rows(Int64(width))))
  let blocks = (tokens + rows - 1) / max(rows, 1)
  let scratchCount = floats(kernels.attend_scratch(Int64(width), Int64(rows)))
  let seen = (0..<images).reduce(0) { $0 + contexts[contexts.count == 1 ? 0 : $1].count }
  let operations = 4 * Double(tokens * channels) * Double(seen)
  queries.workspace.measured(.attention, operations: operations) {
    queries.workspace.parallelFor(images * heads * blocks, scratch: scratchCount) { index, scratch in
      let (image, head, block) = (index / blocks / heads, index / blocks % heads, index % blocks)
      let context = contexts[contexts.count == 1 ? 0 : image]
      let offset = image * tokens * channels + head * width
      var attention = CAttention(
        queries: queries.pointer + offset, query_stride: Int64(channels), query_count: Int64(tokens),
        packed: context.packed.pointer + head * context.packed.dim(1), key_count: Int64(context.count), width: Int64(width),
        scale: 1 / Float(width).squareRoot(), causal: causal, out: result.pointer + offset, out_stride: Int64(channels))
      kernels.attend(&attention, Int64(block * rows), Int64(min(rows, tokens - block * rows)), scratch)
    }
  }
  return result
}
