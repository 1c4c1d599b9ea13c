// SPDX-License-Identifier: LGPL-3.0-or-later
#if canImport(COpenBLAS)
import CKernels
import COpenBLAS
import Testing

/// Products of the size that models have against another library's, where that is installed.
@Suite struct SecondReferenceTests {
  @Test(arguments: [(512, 1280, 320), (77, 768, 3072), (2048, 640, 640)])
  func productsAreOpenBLAS(rows: Int, inputs: Int, outputs: Int) {
    var numbers = Sequence(seed: rows)
    let x = numbers.floats(rows * inputs, scale: 1)
    let weights = numbers.floats(outputs * inputs, scale: 2 / Float(inputs).squareRoot())
    var expected = [Float](repeating: 0, count: rows * outputs)
    openblas_set_num_threads(1)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(inputs), 1, x, blasint(inputs), weights,
      blasint(inputs), 0, &expected, blasint(outputs))
    for table in Tables.all {
      let result = Self.product(table, x, weights, rows: rows, inputs: inputs, outputs: outputs)
      let error = zip(result, expected).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
      let size = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
      // Both round their sums: 4e-7 is met.
      #expect((error / size).squareRoot() < 1.2e-6, "\(table.title): \((error / size).squareRoot())")
    }
  }

  static func product(
    _ table: CProductKernels, _ x: [Float], _ weights: [Float], rows: Int, inputs: Int, outputs: Int
  ) -> [Float] {
    var layout = CProductWeights(
      outputs: Int64(outputs), channels: Int64(inputs), taps: 1, format: CPRODUCT_FLOAT32, gated: false,
      numbers: CPRODUCT_FLOATS)
    let packed = GuardedMemory(bytes: Int(table.packed_bytes(&layout)), atEnd: true)
    weights.withUnsafeBytes { table.pack(&layout, $0.baseAddress, 0, table.panels(&layout), packed.pointer) }
    var result = [Float](repeating: 0, count: rows * outputs)
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        var product = CProduct()
        product.rows.first = CProductSource(pixels: x.baseAddress, channels: Int64(inputs), stride: Int64(inputs))
        (product.rows.images, product.rows.height, product.rows.width) = (1, 1, Int64(rows))
        (product.rows.kernel, product.rows.stride, product.rows.upsample) = (1, 1, 1)
        (product.weights, product.packed) = (layout, UnsafeRawPointer(packed.pointer))
        (product.out, product.out_stride) = (result.baseAddress, Int64(outputs))
        var plan = table.plan(&product, cproduct_machine(2))
        let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
        for task in 0..<plan.tasks { table.run(&product, &plan, task, scratch.pointer) }
      }
    }
    return result
  }
}
#endif
