// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Memory

/// The weights of a linear layer or convolution, in the order in which its products read them: packed once, when the
/// layer is made.  Weights that have 16 bits in the file have 16 bits here, and 8 in a quantized arithmetic.
package final class PackedWeights: @unchecked Sendable {
  let arithmetic: Arithmetic
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
    var layout = CProductWeights(
      outputs: Int64(outputs), channels: Int64(inputs), taps: Int64(kernel * kernel), format: format.code, gated: gated,
      quantized: arithmetic.isQuantized)
    let byteCount = Int(arithmetic.kernels.packed_bytes(&layout))
    guard let pages = Pages(byteCount: byteCount) else { return nil }
    self.arithmetic = arithmetic
    self.layout = layout
    self.pages = pages
    let panels = Int(arithmetic.kernels.panels(&layout))
    withUnsafePointer(to: layout) { layout in
      parallel(panels, grain: max(1, (1 << 16) / max(1, byteCount / max(1, panels)))) { range in
        arithmetic.kernels.pack(layout, stored, Int64(range.lowerBound), Int64(range.upperBound), pages.start)
      }
    }
  }

  deinit { pages.free() }
}
