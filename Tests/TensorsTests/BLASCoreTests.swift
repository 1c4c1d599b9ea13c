import CKernels
import COpenBLAS
import Glibc
import Testing

/// OpenBLAS' kernels are those of the processor, whatever the library takes it for.  Each case in a process of its own: a
/// core must not change under a product.
@Suite struct BLASCoreTests {
  /// Whether there is more than one core to choose from: not on processors of before AVX2.
  static let hasChoice = blas_core_of_processor() != nil

  static var core: String { String(cString: openblas_get_corename()) }

  @Test func theProcessorsCoreIsTakenWhenTheProgramIsLoaded() {
    if getenv("OPENBLAS_CORETYPE") == nil { #expect(!blas_core_is_narrow(), "\(Self.core)") }
  }

  @Test(.enabled(if: hasChoice)) func aCoreBelowTheProcessorIsReplacedAndItsProductsAreRight() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      #expect(blas_core_take("Prescott"))  // as OpenBLAS takes one for a processor that it does not know
      #expect(Self.core == "Prescott" && blas_core_is_narrow())
      blas_core_choose()
      #expect(Self.core == blas_core_of_processor().map { String(cString: $0) } && !blas_core_is_narrow())
      #expect(getenv("OPENBLAS_CORETYPE") == nil)
      #expect(Self.ofOnes(300) == [Float](repeating: 300, count: 300 * 300))
    }
  }

  @Test(.enabled(if: hasChoice)) func aCoreThatTheUserNamesStays() async {
    await #expect(processExitsWith: .success) {
      #expect(blas_core_take("Prescott"))
      setenv("OPENBLAS_CORETYPE", "Prescott", 1)
      blas_core_choose()
      #expect(Self.core == "Prescott")
    }
  }

  @Test(.enabled(if: hasChoice)) func aCoreThatTheLibraryHasNotIsRefused() async {
    await #expect(processExitsWith: .success) { #expect(!blas_core_take("Abacus")) }
  }

  /// The product of two matrices of ones.
  static func ofOnes(_ side: Int) -> [Float] {
    let ones = [Float](repeating: 1, count: side * side)
    var product = ones
    let count = blasint(side)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, count, count, count, 1, ones, count, ones, count, 0, &product, count)
    return product
  }
}
