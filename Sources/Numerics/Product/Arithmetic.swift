// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// The numbers that products are made of, and the kernels that make them on this processor.
public struct Arithmetic: Sendable {
  let kernels: CProductKernels
  let machine: CProductMachine
  /// Whether weights become whole numbers of 8 bits.
  package let isQuantized: Bool

  /// float32 throughout; weights of 16 bits are widened where they are used.
  public static let float32 = Arithmetic(
    kernels: cproduct_kernels().pointee, machine: cproduct_machine(Int32(processorCount)), isQuantized: false)

  /// Weights of 8 bits with a scale for each output.  They meet the rows of most products as whole numbers too, of 8 or
  /// 16 bits as the processor multiplies them, with a scale for each K block of a row; those of 3x3 convolutions that go by
  /// Winograd's algorithm as float32.  All else is float32's.
  public static let int8 = Arithmetic(
    kernels: cproduct_quantized_kernels().pointee, machine: float32.machine, isQuantized: true)

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
      quantized: isQuantized)
    guard kernels.winograd_pays(&product, machine) else {
      return Int(kernels.plan(&product, machine).scratch) * Int(machine.threads)
    }
    let plan = kernels.winograd_plan(&product, machine)
    return Int(plan.shared) + Int(plan.scratch) * Int(machine.threads)
  }

  /// "float32 (avx2)"
  public var name: String { "\(isQuantized ? "int8" : "float32") (\(String(cString: kernels.name)))" }
}
