import CKernels

/// The numbers that products are made of, and the kernels that make them on this processor.
public struct Arithmetic: Sendable {
  let kernels: CProductKernels
  let machine: CProductMachine

  /// float32 throughout; weights of 16 bits are widened where they are used.
  public static let float32 = Arithmetic(
    kernels: cproduct_kernels().pointee, machine: cproduct_machine(Int32(processorCount)))

  /// "float32 (avx2)"
  public var name: String { "float32 (\(String(cString: kernels.name)))" }
}
