// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Glibc
import Testing

/// A product with all its arrays in guarded memory, and the plain result.
final class Layer {
  var product = CProduct()
  private(set) var expected: [Float] = []
  var file: GuardedMemory
  let out: GuardedMemory
  private var kept: [GuardedMemory] = []

  var rows: Int { Int(cproduct_row_count(&product.rows)) }
  var columns: Int { Int(product.weights.gated ? product.weights.outputs / 2 : product.weights.outputs) }

  /// What the layer's arrays hold comes from `numbers`; `shape` has the sizes and options, its pointers are set here.
  init(_ shape: Shape, _ numbers: inout Sequence) {
    let atEnd = !numbers.one(in: 3)
    let channels = shape.first + shape.second
    let pixels = shape.images * shape.height * shape.width
    let kernel = shape.kernel

    product.rows = CProductRows(
      first: CProductSource(pixels: nil, channels: Int64(shape.first), stride: Int64(shape.first + shape.gap)),
      second: CProductSource(pixels: nil, channels: Int64(shape.second), stride: Int64(shape.second + shape.gap)),
      images: Int64(shape.images), height: Int64(shape.height), width: Int64(shape.width), kernel: Int32(kernel),
      stride: Int32(shape.stride), before: Int32(shape.before), after: Int32(shape.after),
      upsample: Int32(shape.upsample), scale: nil, shift: nil, silu: shape.silu, mirrored: shape.isMirrored)
    product.weights = CProductWeights(
      outputs: Int64(shape.outputs), channels: Int64(channels), taps: Int64(kernel * kernel), format: shape.format,
      gated: shape.gated, numbers: shape.numbers)

    // The weights keep sums near 1, so that activations are met where they bend.
    let weightCount = shape.outputs * channels * kernel * kernel
    let weights = numbers.floats(weightCount, scale: 2 / Float(channels * kernel * kernel).squareRoot())
    switch shape.format {
    case CPRODUCT_FLOAT16: file = GuardedMemory(weights.map { Float16($0).bitPattern }, atEnd: atEnd)
    case CPRODUCT_BFLOAT16: file = GuardedMemory(weights.map { UInt16($0.bitPattern >> 16) }, atEnd: atEnd)
    default: file = GuardedMemory(weights, atEnd: atEnd)
    }
    product.out_stride = Int64((shape.gated ? shape.outputs / 2 : shape.outputs) + shape.gap)
    let height = Int(cproduct_out_height(&product.rows)), width = Int(cproduct_out_width(&product.rows))
    let rows = shape.images * height * width
    out = GuardedMemory(bytes: (rows * Int(product.out_stride) - shape.gap) * 4, atEnd: atEnd)

    func keep(_ count: Int, _ scale: Float = 1) -> UnsafePointer<Float> {
      kept.append(GuardedMemory(numbers.floats(count, scale: scale), atEnd: atEnd))
      return UnsafePointer(kept.last!.floats)
    }
    product.rows.first.pixels = keep((pixels - 1) * (shape.first + shape.gap) + shape.first, 2)
    if shape.second > 0 {
      product.rows.second.pixels = keep((pixels - 1) * (shape.second + shape.gap) + shape.second, 2)
    }
    if shape.normalised {
      product.rows.scale = keep(shape.images * channels)
      product.rows.shift = keep(shape.images * channels)
    }
    if shape.bias { product.epilogue.bias = keep(shape.outputs) }
    if shape.rowsPerVector > 0 {
      product.epilogue.rows_per_vector = Int64(shape.rowsPerVector)
      product.epilogue.vectors = keep((rows + shape.rowsPerVector - 1) / shape.rowsPerVector * shape.outputs)
    }
    if shape.residual {
      product.epilogue.residual_stride = Int64(shape.outputs + 3)
      product.epilogue.residual = keep((rows - 1) * (shape.outputs + 3) + shape.outputs)
    }
    product.epilogue.activation = shape.activation
    product.out = out.floats
    expect()
  }

  /// Makes the plain result: of whole numbers, with so many levels of the rows' values or with these as they are; of halves,
  /// those of a kind.
  func expect(levels: Int32 = 0, halves: CProductFormat = CPRODUCT_BFLOAT16) {
    let depth = Int(product.weights.channels * product.weights.taps)
    var room = [Double](repeating: 0, count: (Int(product.weights.outputs) + 1) * depth)
    if product.weights.numbers != CPRODUCT_FLOATS {
      cproduct_narrow_reference(&product, file.pointer, levels, halves, &room)
    } else {
      cproduct_reference(&product, file.pointer, &room)
    }
    expected = out.values
    clear()
  }

  func clear() {
    UnsafeMutableRawBufferPointer(start: out.pointer, count: out.bytes).initializeMemory(
      as: UInt8.self, repeating: GuardedMemory.filler)
  }

  /// The packed weights, each panel packed by a call of its own, last first.
  func pack(_ table: CProductKernels) -> GuardedMemory {
    let packed = GuardedMemory(bytes: Int(table.packed_bytes(&product.weights)), atEnd: true)
    for panel in (0..<table.panels(&product.weights)).reversed() {
      table.pack(&product.weights, file.pointer, panel, panel + 1, packed.pointer)
    }
    #expect(packed.surroundingsAreUntouched, "packing wrote beside the packed weights")
    packed.seal()
    return packed
  }

  /// Compares what `out` holds with the plain result, and looks at the gaps between its rows.  Returns the error.
  @discardableResult
  func check(limit: Double, _ what: String) -> Double {
    let result = out.values
    let stride = Int(product.out_stride)
    var (errors, squares, worst, place) = (0.0, 0.0, -1.0, 0)
    for index in result.indices {
      guard index % stride < columns else {
        if result[index].bitPattern != UInt32.max { Issue.record("\(what): wrote into a gap at \(index)"); return .nan }
        continue
      }
      let error = Double(result[index]) - Double(expected[index])
      if !(abs(error) <= worst) { (worst, place) = (error.isNaN ? .infinity : abs(error), index) }
      errors += error * error
      squares += Double(expected[index]) * Double(expected[index])
    }
    let relative = squares == 0 ? errors.squareRoot() : (errors / squares).squareRoot()
    let size = (squares / Double(max(rows * columns, 1))).squareRoot()
    #expect(
      relative <= limit && worst <= 20 * limit * max(size, 0.05),
      """
      \(what): relative RMS \(relative), limit \(limit); worst \(worst) at row \(place / stride), column \
      \(place % stride): \(result.isEmpty ? 0 : result[place]) for \(result.isEmpty ? 0 : expected[place])
      """)
    #expect(out.surroundingsAreUntouched, "\(what): wrote beside the result")
    return relative
  }
}

/// Sizes and options of a layer.
struct Shape: CustomStringConvertible {
  var images = 1, height = 1, width = 1
  var first = 1, second = 0, outputs = 1
  var kernel = 1, stride = 1, before = 0, after = 0, upsample = 1
  /// A mirrored border is less than the sides.
  var mirrored = false
  var isMirrored: Bool { mirrored && max(before, after) < min(height, width) * upsample }
  var normalised = false, silu = false
  var format = CPRODUCT_FLOAT16, gated = false, numbers = CPRODUCT_FLOATS
  var bias = true, rowsPerVector = 0, residual = false
  var activation = CPRODUCT_NONE
  var gap = 0

  static let activations = [
    CPRODUCT_NONE, CPRODUCT_SILU, CPRODUCT_GELU, CPRODUCT_QUICK_GELU, CPRODUCT_GELU_TANH, CPRODUCT_RELU,
  ]

  /// Seeds of so many random shapes, or of GEGL_INPAINT_TEST_SHAPES if these are fewer.
  static func seeds(_ count: Int) -> Range<Int> {
    let most = getenv("GEGL_INPAINT_TEST_SHAPES").flatMap { Int(String(cString: $0)) }
    return 0..<min(count, max(most ?? count, 0))
  }

  /// Everything but kernel, stride, padding and gating, which have to fit each other.
  static func random(_ numbers: inout Sequence) -> Shape {
    var shape = Shape()
    shape.images = numbers.number(1...3)
    shape.height = numbers.number(1...11)
    shape.width = numbers.number(1...11)
    shape.first = numbers.pick([1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 40, 64, 107, 160, 161, 320, 321, 330])
    shape.second = numbers.one(in: 3) ? numbers.pick([1, 5, 8, 33, 64, 100]) : 0
    shape.outputs = numbers.pick([1, 3, 4, 5, 8, 12, 15, 16, 17, 24, 31, 32, 33, 47, 64, 65, 100])
    shape.upsample = numbers.one(in: 4) ? 2 : 1
    shape.normalised = numbers.one(in: 2)
    shape.silu = numbers.one(in: 2)
    shape.format = numbers.pick([CPRODUCT_FLOAT32, CPRODUCT_FLOAT16, CPRODUCT_BFLOAT16])
    shape.bias = !numbers.one(in: 4)
    shape.rowsPerVector = numbers.one(in: 2) ? numbers.number(1...40) : 0
    shape.residual = numbers.one(in: 3)
    shape.activation = numbers.pick(activations)
    shape.gap = numbers.pick([0, 0, 1, 7])
    shape.mirrored = numbers.one(in: 3)
    return shape
  }

  static func linear(_ numbers: inout Sequence) -> Shape {
    var shape = random(&numbers)
    (shape.images, shape.height, shape.width, shape.upsample) = (1, 1, numbers.pick([1, 2, 5, 17, 77, 230]), 1)
    shape.first = numbers.pick([1, 3, 40, 320, 333, 768, 1024])
    shape.gated = numbers.one(in: 3)
    if shape.gated { (shape.outputs, shape.activation) = (shape.outputs * 2, CPRODUCT_NONE) }
    return shape
  }

  static func convolution(_ numbers: inout Sequence) -> Shape {
    var shape = random(&numbers)
    shape.kernel = numbers.pick([1, 3, 3, 3, 5])
    shape.stride = numbers.pick([1, 1, 2])
    shape.before = numbers.number(0...shape.kernel / 2)
    shape.after = numbers.number(0...shape.kernel / 2)
    let missing = shape.kernel - shape.before - shape.after
    (shape.height, shape.width) = (max(shape.height, missing), max(shape.width, missing))
    return shape
  }

  var description: String {
    """
    \(images)x\(height)x\(width)x(\(first)+\(second)) > \(outputs), kernel \(kernel) stride \(stride) padding \
    \(before),\(after) mirrored \(isMirrored) upsample \(upsample) normalised \(normalised) silu \(silu) format \(format.rawValue) \
    gated \(gated) numbers \(numbers.rawValue) bias \(bias) vectors \(rowsPerVector) residual \(residual) activation \(activation.rawValue) \
    gap \(gap)
    """
  }
}
