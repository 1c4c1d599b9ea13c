// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing
import TestSupport

@testable import Numerics

/// Attention against its definition in double precision.
@Suite struct AttentionTests {
  let workspace = Workspace()

  func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor(shape, seededValues(shape.reduce(1, *), range: 1, seed: seed), in: workspace)
  }

  @Test(arguments: [(3, 1, 8), (5, 700, 40), (300, 600, 64)])
  func attentionIsASoftmaxOverAllKeys(tokens: Int, keys: Int, width: Int) {
    for causal in [false, true] {
      let keyCount = causal ? tokens : keys
      let queries = tensor([2, tokens, 2 * width], seed: 5)
      let contexts = (0..<2).map {
        (keys: tensor([1, keyCount, 2 * width], seed: 6 + UInt64($0)),
          values: tensor([1, keyCount, 2 * width], seed: 8 + UInt64($0)))
      }
      let result = attention(
        queries: queries, contexts.map { KeysValues(keys: $0.keys, values: $0.values, heads: 2) }, causal: causal)
      var expected = [Float](repeating: 0, count: result.count)
      for image in 0..<2 {
        for head in 0..<2 {
          for token in 0..<tokens {
            let query = queries.pointer + (image * tokens + token) * 2 * width + head * width
            let seen = causal ? token + 1 : keyCount
            let scores = (0..<seen).map { key in
              (0..<width).reduce(0.0) {
                $0 + Double(query[$1]) * Double(contexts[image].keys.pointer[key * 2 * width + head * width + $1])
              } / Double(width).squareRoot()
            }
            let weights = scores.map { exp($0 - scores.max()!) }
            for channel in 0..<width {
              let sum = (0..<seen).reduce(0.0) {
                $0 + weights[$1] * Double(contexts[image].values.pointer[$1 * 2 * width + head * width + channel])
              }
              expected[(image * tokens + token) * 2 * width + head * width + channel] = Float(
                sum / weights.reduce(0, +))
            }
          }
        }
      }
      #expect(mismatch(result.array, expected, absolute: 3e-6, relative: 1e-6, "causal \(causal)") == nil)
    }
  }
}
