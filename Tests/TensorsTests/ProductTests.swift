import Glibc
import Testing

@testable import Checkpoints
@testable import Tensors

/// Matrix products, convolutions and attention against their definitions in double precision.
@Suite struct ProductTests {
  let workspace = Workspace()

  func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor(shape, KernelTests().values(shape.reduce(1, *), range: 1, seed: seed), in: workspace)
  }

  func weights(_ outputs: Int, _ inputs: Int, seed: UInt64) throws -> (WeightMatrix, [Float]) {
    let values = KernelTests().values(outputs * inputs, range: 1, seed: seed)
    let stored = try StoredTensor(.float32, [outputs, inputs])
    stored.bytes.copyMemory(from: values.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[...]) })
    return (WeightMatrix(stored, outputs: outputs, inputs: inputs), values)
  }

  // Few and many rows, so that weights are split, shared, and walked in turns.
  @Test(arguments: [(1, 24, 7), (77, 300, 130), (513, 64, 33), (2050, 40, 16)])
  func aProductIsTheSumOfProducts(rows: Int, inputs: Int, outputs: Int) throws {
    let x = tensor([rows, inputs], seed: 1)
    let (weight, values) = try weights(outputs, inputs, seed: 2)
    let bias = KernelTests().values(outputs, seed: 3)
    let residual = tensor([rows, outputs], seed: 4)
    let result = Tensor([rows, outputs], in: workspace)
    bias.withUnsafeBufferPointer {
      matrixProduct(
        DenseRows(start: x.pointer, stride: inputs), rows: rows, weight,
        adding: RowAddend(vectors: $0.baseAddress!, rowsPerVector: rows, residual: UnsafePointer(residual.pointer)),
        to: result.pointer, in: workspace)
    }
    var expected = [Float]()
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum = Double(bias[output]) + Double(residual.pointer[row * outputs + output])
        for input in 0..<inputs {
          sum += Double(x.pointer[row * inputs + input]) * Double(values[output * inputs + input])
        }
        expected.append(Float(sum))
      }
    }
    expectClose(result.array, expected, absolute: 2e-5, relative: 1e-6, "\(rows) x \(inputs) x \(outputs)")
  }

  @Test(arguments: [(3, 1, 8), (5, 700, 40), (300, 600, 64)])
  func attentionIsASoftmaxOverAllKeys(tokens: Int, keys: Int, width: Int) {
    for causal in [false, true] {
      let keyCount = causal ? tokens : keys
      let queries = tensor([2, tokens, 2 * width], seed: 5)
      let contexts = (0..<2).map {
        KeysValues(
          keys: tensor([1, keyCount, 2 * width], seed: 6 + UInt64($0)),
          values: tensor([1, keyCount, 2 * width], seed: 8 + UInt64($0)))
      }
      let result = attention(queries: queries, contexts, heads: 2, causal: causal)
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
      expectClose(result.array, expected, absolute: 3e-6, relative: 1e-6, "causal \(causal)")
    }
  }
}
