import CKernels
import COpenBLAS
import Glibc

/// Which of its cores (kernels for a kind of processor) OpenBLAS serves products with.
enum BLASCore {
  static var name: String { String(cString: openblas_get_corename()) }

  /// What to do where the core is below what the processor can; nil where it is not.
  static var remedy: String? {
    guard blas_core_is_narrow(), let best = blas_core_of_processor() else { return nil }
    let advice = getenv("OPENBLAS_CORETYPE") == nil
      ? "set OPENBLAS_CORETYPE to \(String(cString: best))" : "unset OPENBLAS_CORETYPE, which names it"
    return "this processor can do \(String(cString: best)), which is several times faster: \(advice)"
  }
}
