// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// Memory for weights: whole pages that the system gives, and gets back when they are freed.  malloc keeps blocks of a
/// few megabytes for itself, which after loading a model are hundreds of megabytes that nobody uses.
package struct Pages: @unchecked Sendable {
  package let start: UnsafeMutableRawPointer
  private let byteCount: Int

  /// From here on, larger pages save time for looking up addresses.
  private static let huge = 2 << 20

  /// Zeros, aligned to a page.  nil where the system has no memory for them.  To be freed with `free`.
  package init?(byteCount: Int) {
    let byteCount = max(byteCount, 1)
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    if byteCount >= Self.huge { madvise(memory, byteCount, MADV_HUGEPAGE) }
    start = memory
    self.byteCount = byteCount
  }

  package func free() { munmap(start, byteCount) }
}
