// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Dispatch
import Testing

/// Winograd convolutions against the same plain loops as direct ones.
@Suite struct WinogradTests {
  /// The transforms' sums of values with factors up to 25 cost a digit: 1e-6 to 4e-6.
  static func limit(_ layer: Layer) -> Double { layer.rows * layer.columns < 200 ? 2e-5 : 9e-6 }

  static func run(_ layer: Layer, _ table: CProductKernels, _ machine: CProductMachine) {
    let packed = layer.pack(table)
    layer.product.packed = UnsafeRawPointer(packed.pointer)
    var plan = table.winograd_plan(&layer.product, machine)
    let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
    let shared = GuardedMemory(bytes: Int(plan.shared), atEnd: true)
    for band in 0..<plan.bands {
      for task in (0..<plan.transform_tasks).reversed() {
        table.winograd_transform(&layer.product, &plan, band, task, shared.pointer, scratch.pointer)
      }
      for task in (0..<plan.multiply_tasks).reversed() {
        table.winograd_multiply(&layer.product, &plan, band, task, shared.pointer, scratch.pointer)
      }
    }
  }

  func check(_ shape: Shape, _ numbers: inout Sequence) {
    let layer = Layer(shape, &numbers)
    for table in shape.numbers == CPRODUCT_WHOLE_NUMBERS ? Tables.quantized : Tables.all {
      let machine = numbers.pick(ProductTests.machines)
      #expect(table.winograd_fits(&layer.product), "\(table.title), \(shape)")
      layer.clear()
      Self.run(layer, table, machine)
      layer.check(limit: Self.limit(layer), "\(table.title), \(shape), L2 \(machine.second_level)")
    }
  }

  @Test(arguments: Shape.seeds(80)) func convolutions(seed: Int) {
    var numbers = Sequence(seed: 2000 + seed)
    var shape = Shape.random(&numbers)
    (shape.kernel, shape.before, shape.after) = (3, 1, 1)
    check(shape, &numbers)
  }

  /// Only the weights are whole numbers: the plain result of those is met as closely.
  @Test(arguments: Shape.seeds(40)) func quantizedConvolutions(seed: Int) {
    var numbers = Sequence(seed: 2500 + seed)
    var shape = Shape.random(&numbers)
    (shape.kernel, shape.before, shape.after, shape.numbers) = (3, 1, 1, CPRODUCT_WHOLE_NUMBERS)
    check(shape, &numbers)
  }

  /// Pictures of several bands, blocks of tiles and blocks of panels.
  @Test(arguments: 0..<3, [false, true]) func manyBlocks(index: Int, quantized: Bool) {
    var numbers = Sequence(seed: 3000 + index)
    var shape = Shape()
    (shape.kernel, shape.before, shape.after) = (3, 1, 1)
    (shape.images, shape.height, shape.width) = [(1, 130, 131), (2, 30, 33), (2, 9, 5)][index]
    (shape.first, shape.outputs) = [(5, 7), (12, 200), (330, 150)][index]
    (shape.residual, shape.rowsPerVector) = (true, shape.height * shape.width)
    if quantized { shape.numbers = CPRODUCT_WHOLE_NUMBERS }
    check(shape, &numbers)
  }

  @Test func onlyWhatItComputes() {
    var numbers = Sequence(seed: 11)
    var shape = Shape()
    (shape.height, shape.width, shape.first, shape.outputs) = (8, 8, 8, 8)
    (shape.kernel, shape.before, shape.after) = (3, 1, 1)
    let layer = Layer(shape, &numbers)
    for table in Tables.all {
      #expect(table.winograd_fits(&layer.product))
      let changes: [(inout CProduct) -> Void] = [
        { $0.rows.stride = 2 }, { $0.rows.before = 0 }, { $0.rows.after = 0 }, { $0.rows.kernel = 1 },
        { $0.weights.gated = true },
      ]
      for change in changes {
        var product = layer.product
        change(&product)
        #expect(!table.winograd_fits(&product), "\(table.title)")
      }
    }
  }

  /// On both machines that were measured, at Stable Diffusion's layers; not for a lone pixel.
  @Test func paysWhereItWasFaster() {
    let machines = [
      CProductMachine(second_level: 512 << 10, last_level: 32 << 20, threads: 2),
      CProductMachine(second_level: 2 << 20, last_level: 260 << 20, threads: 2),
    ]
    // images, side, channels, outputs
    let faster = [
      (2, 64, 320, 320), (2, 64, 960, 320), (2, 32, 640, 640), (2, 32, 1920, 640), (2, 16, 1280, 1280),
      (2, 16, 2560, 1280), (2, 8, 1280, 1280), (2, 8, 2560, 1280), (1, 512, 128, 128), (1, 256, 256, 256),
      (1, 64, 512, 512),
    ]
    let slower = [(1, 1, 320, 320), (1, 2, 1280, 1280)]
    for table in Tables.all {
      for machine in machines {
        for (shapes, pays) in [(faster, true), (slower, false)] {
          for (images, side, channels, outputs) in shapes {
            var product = CProduct()
            product.rows.first.channels = Int64(channels)
            (product.rows.images, product.rows.height, product.rows.width) = (Int64(images), Int64(side), Int64(side))
            (product.rows.kernel, product.rows.stride, product.rows.upsample) = (3, 1, 1)
            (product.rows.before, product.rows.after) = (1, 1)
            product.weights = CProductWeights(
              outputs: Int64(outputs), channels: Int64(channels), taps: 9, format: CPRODUCT_FLOAT16, gated: false,
              numbers: CPRODUCT_FLOATS)
            #expect(
              table.winograd_pays(&product, machine) == pays,
              "\(table.title), \(images)x\(side)x\(side), \(channels) > \(outputs), L2 \(machine.second_level)")
          }
        }
      }
    }
  }

  @Test func threadsChangeNothing() {
    var numbers = Sequence(seed: 12)
    var shape = Shape()
    (shape.height, shape.width, shape.first, shape.outputs) = (24, 24, 64, 200)
    (shape.kernel, shape.before, shape.after) = (3, 1, 1)
    let layer = Layer(shape, &numbers)
    for table in Tables.all {
      layer.clear()
      Self.run(layer, table, ProductTests.machines[2])
      let alone = layer.out.values
      layer.clear()
      let packed = layer.pack(table)
      layer.product.packed = UnsafeRawPointer(packed.pointer)
      nonisolated(unsafe) var product = layer.product
      nonisolated(unsafe) var plan = table.winograd_plan(&product, ProductTests.machines[2])
      let shared = GuardedMemory(bytes: Int(plan.shared), atEnd: true)
      nonisolated(unsafe) let sharedPointer = shared.pointer
      for band in 0..<plan.bands {
        DispatchQueue.concurrentPerform(iterations: Int(plan.transform_tasks)) { task in
          let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
          table.winograd_transform(&product, &plan, band, Int64(task), sharedPointer, scratch.pointer)
        }
        DispatchQueue.concurrentPerform(iterations: Int(plan.multiply_tasks)) { task in
          let scratch = GuardedMemory(bytes: Int(plan.scratch), atEnd: true)
          table.winograd_multiply(&product, &plan, band, Int64(task), sharedPointer, scratch.pointer)
        }
      }
      #expect(layer.out.values.elementsEqual(alone) { $0.bitPattern == $1.bitPattern }, "\(table.title)")
    }
  }
}
