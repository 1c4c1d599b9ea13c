// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Testing

/// Direct products with weights of 8 bits against plain loops over the same whole numbers.
@Suite struct QuantizedTests {
  /// A value that lies between two levels may go to either, as float32 or double has it; of few values that is seen.
  static func limit(_ layer: Layer, _ table: CProductKernels) -> Double {
    (layer.rows * layer.columns < 200 ? 4 : 1) * (table.levels > 127 ? 3e-5 : 1.5e-3)
  }

  func check(_ shape: Shape, _ numbers: inout Sequence) {
    let layer = Layer(shape, &numbers)
    for table in Tables.quantized {
      let machine = numbers.pick(ProductTests.machines)
      layer.expect(levels: table.levels)
      ProductTests.run(layer, table, machine)
      layer.check(limit: Self.limit(layer, table), "\(table.title), \(shape), L2 \(machine.second_level)")
    }
  }

  @Test(arguments: Shape.seeds(60)) func linearLayers(seed: Int) {
    var numbers = Sequence(seed: 4000 + seed)
    var shape = Shape.linear(&numbers)
    shape.numbers = CPRODUCT_WHOLE_NUMBERS
    check(shape, &numbers)
  }

  @Test(arguments: Shape.seeds(80)) func convolutions(seed: Int) {
    var numbers = Sequence(seed: 5000 + seed)
    var shape = Shape.convolution(&numbers)
    shape.numbers = CPRODUCT_WHOLE_NUMBERS
    check(shape, &numbers)
  }

  @Test(arguments: [false, true]) func manyBlocks(gated: Bool) {
    var numbers = Sequence(seed: 13)
    var shape = Shape()
    (shape.images, shape.width, shape.first, shape.outputs) = (2, 300, 48, 700)
    (shape.gated, shape.residual, shape.rowsPerVector, shape.numbers) = (gated, true, 300, CPRODUCT_WHOLE_NUMBERS)
    check(shape, &numbers)
  }

  /// As it is asked once a process, before a table is used.
  @Test func everyTableAgreesWithTheReference() {
    for table in Tables.quantized {
      #expect(Self.agrees(table), "\(table.title)")
      var other = table
      other.levels = 90  // as if its kernels had so many
      #expect(!Self.agrees(other), "\(table.title)")
    }
  }

  static func agrees(_ table: CProductKernels, _ numbers: CProductNumbers = CPRODUCT_WHOLE_NUMBERS) -> Bool {
    withUnsafePointer(to: table) { cproduct_agrees($0, numbers) }
  }

  /// Rows of zeros, and of numbers whose inverse is none, give what is added to them.
  @Test(arguments: [Float(0), -0.0, 1e-40, -1e-38]) func rowsOfNothing(value: Float) {
    let x = [Float](repeating: value, count: 3 * 330)
    for table in Tables.quantized {
      #expect(Self.product(table, x, Self.weights).allSatisfy { abs($0) < 1e-30 }, "\(table.title)")
      let nothing = [Float](repeating: value, count: Self.weights.count)
      #expect(Self.product(table, Self.weights, nothing).allSatisfy { abs($0) < 1e-30 }, "\(table.title)")
    }
  }

  /// What is not finite is not hidden, and stays in its row.
  @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity]) func valuesThatAreNotFinite(value: Float) {
    var x = [Float](repeating: 0.5, count: 3 * 330)
    x[330 + 321] = value
    for table in Tables.quantized {
      let result = Self.product(table, x, Self.weights)
      let wrong = result.indices.filter { result[$0].isFinite == (33..<66).contains($0) }
      #expect(wrong.isEmpty, "\(table.title): \(wrong)")
    }
  }

  /// Magnitudes far from 1 are no different.
  @Test(arguments: [Float(1e-25), 1e25]) func scalesAreAnyones(scale: Float) {
    var numbers = Sequence(seed: 14)
    let x = numbers.floats(3 * 330)
    for table in Tables.quantized {
      let expected = Self.product(table, x, Self.weights)
      let result = Self.product(table, x.map { $0 * scale }, Self.weights.map { $0 / scale })
      let errors = zip(result, expected).map { abs($0.0 - $0.1) }
      let largest = expected.map(abs).max() ?? 0
      #expect(errors.max() ?? 1 <= 0.01 * largest, "\(table.title): \(errors.max() ?? 1) of \(largest)")
    }
  }

  private static let weights: [Float] = {
    var numbers = Sequence(seed: 15)
    return numbers.floats(33 * 330)
  }()

  /// Rows of 330 values by 33 outputs.
  static func product(
    _ table: CProductKernels, _ x: [Float], _ weights: [Float], _ kind: CProductNumbers = CPRODUCT_WHOLE_NUMBERS
  ) -> [Float] {
    var shape = Shape()
    (shape.width, shape.first, shape.outputs, shape.bias) = (x.count / 330, 330, 33, false)
    (shape.numbers, shape.format) = (kind, CPRODUCT_FLOAT32)
    var numbers = Sequence(seed: 16)
    let layer = Layer(shape, &numbers)
    let (pixels, file) = (GuardedMemory(x, atEnd: true), GuardedMemory(weights, atEnd: true))
    layer.product.rows.first.pixels = UnsafePointer(pixels.floats)
    layer.file = file
    ProductTests.run(layer, table, ProductTests.machines[1])
    return withExtendedLifetime(pixels) { layer.out.values }
  }
}
