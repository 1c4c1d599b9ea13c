import CKernels

/// The numbers that products are made of, and the kernels that make them on this processor.
public struct Arithmetic: Sendable {
  let kernels: CProductKernels
  let machine: CProductMachine

  /// float32 throughout; weights of 16 bits are widened where they are used.
  public static let float32 = Arithmetic(
    kernels: cproduct_kernels().pointee, machine: cproduct_machine(Int32(processorCount)))

  /// The most bytes of a band of a picture of so many channels, transformed for Winograd's algorithm: 36 values for each
  /// tile of 4 x 4 pixels.  A band is 128 tiles, or an eighth of the last cache, and as much again where threads wait.
  func transformBytes(channels: Int) -> Int {
    max(2 * 128 * 36 * channels * MemoryLayout<Float>.stride, Int(machine.last_level) / 4)
  }

  /// "float32 (avx2)"
  public var name: String { "float32 (\(String(cString: kernels.name)))" }
}
