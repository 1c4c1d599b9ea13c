// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Memory
import Synchronization

/// The weights of a linear layer or convolution, in the order in which its products read them: packed once, when the
/// layer is made.  Floats of 16 bits stay such; the arithmetic may make 16 or 8 bits of the file's.
package final class PackedWeights: @unchecked Sendable {
  package let arithmetic: Arithmetic
  let layout: CProductWeights
  private let pages: Pages
  var packed: UnsafeRawPointer { UnsafeRawPointer(pages.start) }

  package var inputs: Int { Int(layout.channels) }
  package var outputs: Int { Int(layout.outputs) }
  /// Channels of a product: the outputs, or half of them.
  package var width: Int { layout.gated ? outputs / 2 : outputs }

  /// stored: [outputs, inputs, kernel, kernel].  `gated`: the outputs are values and gates, of which products make value
  /// gelu(gate).
  ///
  /// nil if the system has no memory for them.
  package init?(
    _ stored: UnsafeRawPointer?, _ format: NumberFormat, outputs: Int, inputs: Int, kernel: Int, gated: Bool,
    _ arithmetic: Arithmetic
  ) {
    func packed(_ numbers: CProductNumbers) -> (CProductWeights, Pages, areHeld: Bool)? {
      let layout = CProductWeights(
        outputs: Int64(outputs), channels: Int64(inputs), taps: Int64(kernel * kernel), format: format.code, gated: gated,
        numbers: numbers)
      return Self.pack(stored, layout, arithmetic.kernels).map { (layout, $0, areHeld: $1) }
    }
    var result = packed(arithmetic.numbers(ofKernel: kernel))
    if let (_, pages, areHeld) = result, !areHeld {
      pages.free()
      result = packed(CPRODUCT_FLOATS)
    }
    guard let result else { return nil }
    self.arithmetic = arithmetic
    (layout, pages, _) = result
  }

  /// areHeld: the file's values by the numbers.  nil if there is no memory.
  private static func pack(
    _ stored: UnsafeRawPointer?, _ layout: CProductWeights, _ kernels: CProductKernels
  ) -> (Pages, areHeld: Bool)? {
    withUnsafePointer(to: layout) { layout in
      let (byteCount, panels) = (Int(kernels.packed_bytes(layout)), Int(kernels.panels(layout)))
      guard let pages = Pages(byteCount: byteCount) else { return nil }
      let areHeld = Atomic(true)
      parallel(panels, grain: max(1, (1 << 16) / max(1, byteCount / max(1, panels)))) { range in
        if !kernels.pack(layout, stored, Int64(range.lowerBound), Int64(range.upperBound), pages.start) {
          areHeld.store(false, ordering: .relaxed)
        }
      }
      return (pages, areHeld.load(ordering: .relaxed))
    }
  }

  deinit { pages.free() }
}
