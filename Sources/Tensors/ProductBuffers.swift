import COpenBLAS
import Glibc
import Synchronization

/// OpenBLAS serves one block on the thread that asks; the blocks are spread over the cores by `matrixProduct`, where
/// what lies around the product (gathering, widening, bias, residual) is in the cache of the same core.
let singleThreadedBLAS: Void = openblas_set_num_threads(1)

/// OpenBLAS' buffers, one for each thread that is in a product.
///
/// It takes one when it first needs it, keeps it, and tries for ever where the system refuses it (0.3.21).  So a run
/// has them taken while refusals can still be told.
public enum ProductBuffers {
  /// BUFFER_SIZE on x86, the largest of all processors, and a page.
  private static let byteCount = (128 << 20) + (1 << 16)
  /// Of address space that other threads may take in the meantime: glibc gives each that begins an arena of 64 MB.
  private static let headroom = 3 * (64 << 20)
  private static let isReserved = Mutex(false)

  /// Takes what is missing.  Throws `OutOfMemory` where the system refuses it.
  public static func reserve() throws {
    try isReserved.withLock { isReserved in
      guard !isReserved else { return }
      _ = singleThreadedBLAS
      let all = byteCount * processorCount + headroom
      guard let room = Arena(byteCount: all) else { throw OutOfMemory(byteCount: all) }
      _ = consume room  // OpenBLAS finds the place free
      let buffers = (0..<processorCount).map { _ in blas_memory_alloc(0) }
      for buffer in buffers { blas_memory_free(buffer) }
      isReserved = true
    }
  }
}
