// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// The numbers that products are made of, and the kernels that make them on this processor.
public struct Arithmetic: Sendable {
  let kernels: CProductKernels
  let machine: CProductMachine
  let numbers: CProductNumbers

  package init(_ kernels: UnsafePointer<CProductKernels>, _ numbers: CProductNumbers) {
    self.kernels = kernels.pointee
    self.numbers = numbers
    machine = cproduct_machine(Int32(processorCount))
  }

  /// float32 throughout; weights of 16 bits are widened where they are used.
  public static let float32 = Arithmetic(cproduct_kernels(), CPRODUCT_FLOATS)

  /// Weights of 8 bits with a scale for each output.  They meet the rows of most products as whole numbers too, of 8 or
  /// 16 bits as the processor multiplies them, with a scale for each K block of a row; those of 3x3 convolutions that go by
  /// Winograd's algorithm as float32.  All else is float32's.
  public static let int8 = Arithmetic(cproduct_whole_number_kernels(), CPRODUCT_WHOLE_NUMBERS)

  /// Weights and rows of 16 bits, sums in float32 (on vectors of float16: every 64 products).  What float16 does not hold is
  /// multiplied in float32, but for attention, which takes the nearest.  Where only vectors have it, so are 3x3 convolutions and attention, which are faster so.
  ///
  /// nil if the processor has no instruction for it.
  public static let float16 = halves(CPRODUCT_FLOAT16)
  public static let bfloat16 = halves(CPRODUCT_BFLOAT16)
  /// The fastest here of those two and float32.
  public static let fastest = halves(CPRODUCT_FLOAT32) ?? float32

  private static func halves(_ kind: CProductFormat) -> Arithmetic? {
    cproduct_half_kernels(kind).map { Arithmetic($0, CPRODUCT_HALVES) }
  }

  /// Whether weights become whole numbers of 8 bits.
  package var isQuantized: Bool { numbers == CPRODUCT_WHOLE_NUMBERS }

  /// Those of a layer: `kernel` pixels wide and high.
  func numbers(ofKernel kernel: Int) -> CProductNumbers {
    numbers == CPRODUCT_HALVES && kernel > 1 && !kernels.halves_for_all ? CPRODUCT_FLOATS : numbers
  }

  /// Bytes of packed weights, if halves hold them, but for what fills them up.  shape: [outputs, inputs] or [outputs, inputs, kernel, kernel].
  /// stored: bytes in the file.
  package func byteCount(weights shape: [Int], stored: Int) -> Int {
    let count = shape.reduce(1, *)
    return switch numbers(ofKernel: shape.count > 2 ? shape[2] : 1) {
    case CPRODUCT_WHOLE_NUMBERS: count + shape[0] * MemoryLayout<Float>.stride
    case CPRODUCT_HALVES: count * 2
    default: stored
    }
  }

  /// Bytes that a 3x3 convolution over images of `pixels` pixels takes beside its input and result, for all threads.
  package func convolutionBytes(images: Int, pixels: Int, channels: Int, outputs: Int) -> Int {
    guard channels > 0, outputs > 0 else { return 0 }  // sizes of a file, which are refused where layers are made
    let side = Int64(Double(max(pixels, 1)).squareRoot().rounded(.up))
    var product = CProduct()
    product.rows.first = CProductSource(pixels: nil, channels: Int64(channels), stride: Int64(channels))
    (product.rows.images, product.rows.height, product.rows.width) = (Int64(images), side, side)
    (product.rows.kernel, product.rows.stride, product.rows.upsample) = (3, 1, 1)
    (product.rows.before, product.rows.after) = (1, 1)
    product.weights = CProductWeights(
      outputs: Int64(outputs), channels: Int64(channels), taps: 9, format: CPRODUCT_FLOAT16, gated: false,
      numbers: numbers(ofKernel: 3))
    guard kernels.winograd_pays(&product, machine) else {
      return Int(kernels.plan(&product, machine).scratch) * Int(machine.threads)
    }
    let plan = kernels.winograd_plan(&product, machine)
    return Int(plan.shared) + Int(plan.scratch) * Int(machine.threads)
  }

  /// "float32 (avx2)"
  public var name: String {
    let numbers = switch numbers {
    case CPRODUCT_WHOLE_NUMBERS: "int8"
    case CPRODUCT_HALVES: kernels.halves == CPRODUCT_FLOAT16 ? "float16" : "bfloat16"
    default: "float32"
    }
    return "\(numbers) (\(String(cString: kernels.name)))"
  }
}
