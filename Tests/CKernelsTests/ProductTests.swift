// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Dispatch
import Testing

/// Direct products against plain loops in double.
@Suite struct ProductTests {
  /// About three times what is met: 2e-7 to 3e-7, and up to 9e-7 where few values stand for all.
  static func limit(_ layer: Layer) -> Double { layer.rows * layer.columns < 200 ? 2.5e-6 : 9e-7 }
  static let machines = [(64 << 10, 1), (512 << 10, 2), (2 << 20, 7)].map {
    CProductMachine(second_level: Int64($0.0), last_level: 8 << 20, threads: Int32($0.1))
  }

  /// Runs all tasks, last first, with scratch that ends at a guard.
  static func run(_ layer: Layer, _ table: CProductKernels, _ machine: CProductMachine) {
    let packed = layer.pack(table)
    layer.product.packed = UnsafeRawPointer(packed.pointer)
    var plan = table.plan(&layer.product, machine)
    let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
    for task in (0..<plan.tasks).reversed() { table.run(&layer.product, &plan, task, scratch.pointer) }
  }

  func check(_ shape: Shape, _ numbers: inout Sequence) {
    let layer = Layer(shape, &numbers)
    for table in Tables.all {
      let machine = numbers.pick(Self.machines)
      layer.clear()
      Self.run(layer, table, machine)
      layer.check(limit: Self.limit(layer), "\(table.title), \(shape), L2 \(machine.second_level)")
    }
  }

  @Test(arguments: Shape.seeds(60)) func linearLayers(seed: Int) {
    var numbers = Sequence(seed: seed)
    let shape = Shape.linear(&numbers)
    check(shape, &numbers)
  }

  @Test(arguments: Shape.seeds(100)) func convolutions(seed: Int) {
    var numbers = Sequence(seed: 1000 + seed)
    let shape = Shape.convolution(&numbers)
    check(shape, &numbers)
  }

  /// More outputs and rows than one task takes, so that blocks meet.
  @Test(arguments: [false, true]) func manyBlocks(gated: Bool) {
    var numbers = Sequence(seed: 7)
    var shape = Shape()
    (shape.images, shape.width, shape.first, shape.outputs) = (2, 500, 48, 700)
    (shape.gated, shape.residual, shape.rowsPerVector) = (gated, true, 500)
    check(shape, &numbers)
  }

  @Test func nothingToDo() {
    var numbers = Sequence(seed: 8)
    var shape = Shape()
    (shape.width, shape.first, shape.outputs) = (1, 40, 16)
    let layer = Layer(shape, &numbers)
    layer.product.rows.images = 0
    for table in Tables.all {
      #expect(table.plan(&layer.product, Self.machines[1]).tasks == 0, "\(table.title)")
    }
  }

  /// A residual that the result takes the place of.
  @Test func residualInPlace() {
    var numbers = Sequence(seed: 9)
    var shape = Shape()
    (shape.width, shape.first, shape.outputs, shape.residual) = (50, 100, 45, true)
    let layer = Layer(shape, &numbers)
    let residual = layer.product.epilogue
    for table in Tables.all {
      layer.clear()
      for row in 0..<layer.rows {
        for column in 0..<45 {
          layer.out.floats[row * 45 + column] = residual.residual[row * Int(residual.residual_stride) + column]
        }
      }
      layer.product.epilogue.residual = UnsafePointer(layer.out.floats)
      layer.product.epilogue.residual_stride = 45
      Self.run(layer, table, Self.machines[1])
      layer.product.epilogue = residual
      layer.check(limit: Self.limit(layer), "\(table.title), in place")
    }
  }

  /// Threads that take tasks in any order give the very same values.
  @Test func threadsChangeNothing() {
    var numbers = Sequence(seed: 10)
    var shape = Shape()
    (shape.height, shape.width, shape.first, shape.outputs) = (16, 16, 64, 200)
    (shape.kernel, shape.before, shape.after) = (3, 1, 1)
    let layer = Layer(shape, &numbers)
    for table in Tables.all {
      layer.clear()
      Self.run(layer, table, Self.machines[2])
      let alone = layer.out.values
      layer.clear()
      let packed = layer.pack(table)
      layer.product.packed = UnsafeRawPointer(packed.pointer)
      nonisolated(unsafe) let product = layer.product
      let plan = withUnsafePointer(to: product) { table.plan($0, Self.machines[2]) }
      DispatchQueue.concurrentPerform(iterations: Int(plan.tasks)) { task in
        let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
        withUnsafePointer(to: product) { product in
          withUnsafePointer(to: plan) { table.run(product, $0, Int64(task), scratch.pointer) }
        }
      }
      #expect(layer.out.values.elementsEqual(alone) { $0.bitPattern == $1.bitPattern }, "\(table.title)")
    }
  }
}
