// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Testing

/// Direct products of halves against plain loops over the same halves.
@Suite struct HalfTests {
  /// Sums are floats, and a value between two halves may go to either, as float32 or double has it; on vectors of float16,
  /// sums are halves.
  static func limit(_ layer: Layer, _ table: CProductKernels) -> Double {
    let isSummedInHalves = table.halves == CPRODUCT_FLOAT16 && !table.halves_for_all
    let few = layer.rows * layer.columns < 200
    return isSummedInHalves ? few ? 8e-3 : 4e-3 : table.halves == CPRODUCT_FLOAT16 ? few ? 3e-4 : 4e-5 : few ? 2e-3 : 3e-4
  }

  func check(_ shape: Shape, _ numbers: inout Sequence) {
    var shape = shape
    shape.numbers = CPRODUCT_HALVES
    let layer = Layer(shape, &numbers)
    for table in Tables.halves {
      let machine = numbers.pick(ProductTests.machines)
      layer.expect(halves: table.halves)
      ProductTests.run(layer, table, machine)
      layer.check(limit: Self.limit(layer, table), "\(table.title), \(shape), L2 \(machine.second_level)")
    }
  }

  @Test(arguments: Shape.seeds(60)) func linearLayers(seed: Int) {
    var numbers = Sequence(seed: 7000 + seed)
    let shape = Shape.linear(&numbers)
    check(shape, &numbers)
  }

  @Test(arguments: Shape.seeds(80)) func convolutions(seed: Int) {
    var numbers = Sequence(seed: 8000 + seed)
    let shape = Shape.convolution(&numbers)
    check(shape, &numbers)
  }

  @Test(arguments: [false, true]) func manyBlocks(gated: Bool) {
    var numbers = Sequence(seed: 17)
    var shape = Shape()
    (shape.images, shape.width, shape.first, shape.outputs) = (2, 300, 48, 700)
    (shape.gated, shape.residual, shape.rowsPerVector) = (gated, true, 300)
    check(shape, &numbers)
  }

  /// As it is asked once a process, before a table is used.
  @Test func everyTableAgreesWithTheReference() {
    for table in Tables.halves {
      #expect(Self.agrees(table), "\(table.title)")
      var other = table
      other.attend = { _, _, _, _ in }
      #expect(!Self.agrees(other), "\(table.title)")
    }
  }

  private static func agrees(_ table: CProductKernels) -> Bool { QuantizedTests.agrees(table, CPRODUCT_HALVES) }

  /// Rows beyond float16, and sums beyond it of values that are not, are as exact as others.
  @Test(arguments: [Float(1e3), 3e4, 1e6, 1e30]) func largeValues(size: Float) {
    var numbers = Sequence(seed: 18)
    let x = numbers.floats(3 * 330)
    for table in Tables.halves {
      let expected = Self.product(table, x, Self.weights)
      let result = Self.product(table, x.map { $0 * size }, Self.weights).map { $0 / size }
      let error = zip(result, expected).map { abs($0 - $1) }.max() ?? 1
      let largest = expected.map(abs).max() ?? 0
      #expect(error <= 0.02 * largest, "\(table.title): \(error) of \(largest)")
    }
  }

  /// What is not finite is not hidden, and stays in its row.
  @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity]) func valuesThatAreNotFinite(value: Float) {
    var x = [Float](repeating: 0.5, count: 3 * 330)
    x[330 + 321] = value
    for table in Tables.halves {
      let result = Self.product(table, x, Self.weights)
      let wrong = result.indices.filter { result[$0].isFinite == (33..<66).contains($0) }
      #expect(wrong.isEmpty, "\(table.title): \(wrong)")
    }
  }

  /// Packing says so where float16 would make infinities of weights.
  @Test func weightsThatAreTooLarge() {
    var layout = CProductWeights(
      outputs: 33, channels: 330, taps: 1, format: CPRODUCT_FLOAT32, gated: false, numbers: CPRODUCT_HALVES)
    var weights = Self.weights
    for table in Tables.halves {
      weights[329] = 65504
      #expect(Self.packs(table, &layout, weights), "\(table.title)")
      weights[329] = 70000
      #expect(Self.packs(table, &layout, weights) == (table.halves == CPRODUCT_BFLOAT16), "\(table.title)")
    }
  }

  private static func packs(_ table: CProductKernels, _ layout: inout CProductWeights, _ weights: [Float]) -> Bool {
    let packed = GuardedMemory(bytes: Int(table.packed_bytes(&layout)), atEnd: true)
    return weights.withUnsafeBytes { table.pack(&layout, $0.baseAddress, 0, table.panels(&layout), packed.pointer) }
  }

  private static let weights: [Float] = {
    var numbers = Sequence(seed: 19)
    return numbers.floats(33 * 330)
  }()

  private static func product(_ table: CProductKernels, _ x: [Float], _ weights: [Float]) -> [Float] {
    QuantizedTests.product(table, x, weights, CPRODUCT_HALVES)
  }
}
