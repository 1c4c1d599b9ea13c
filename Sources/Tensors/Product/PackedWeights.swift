import CKernels
import Checkpoints

/// The weights of a linear layer or convolution, in the order in which its products read them: packed once, when the
/// layer is made.  Weights that have 16 bits in the file have 16 bits here.
final class PackedWeights: @unchecked Sendable {
  let arithmetic: Arithmetic
  let layout: CProductWeights
  private let pages: Pages
  var packed: UnsafeRawPointer { UnsafeRawPointer(pages.start) }

  var outputs: Int { Int(layout.outputs) }
  var inputs: Int { Int(layout.channels) }

  /// stored: [outputs, inputs, kernel, kernel], up to trailing ones.  `gated`: the outputs are values and gates, of which
  /// products make value gelu(gate).
  ///
  /// Throws `CheckpointError` if the system has no memory for them.
  init(
    _ stored: StoredTensor, outputs: Int, inputs: Int, kernel: Int = 1, gated: Bool = false,
    _ arithmetic: Arithmetic = .float32
  ) throws {
    self.arithmetic = arithmetic
    var layout = CProductWeights(
      outputs: Int64(outputs), channels: Int64(inputs), taps: Int64(kernel * kernel), format: stored.format, gated: gated)
    let byteCount = Int(arithmetic.kernels.packed_bytes(&layout))
    guard let pages = Pages(byteCount: byteCount) else {
      throw CheckpointError("no memory for \(byteCount) bytes of weights; close other programs or use a smaller model")
    }
    self.layout = layout
    self.pages = pages
    let panels = Int(arithmetic.kernels.panels(&layout))
    withUnsafePointer(to: layout) { layout in
      parallel(panels, grain: max(1, (1 << 16) / max(1, byteCount / max(1, panels)))) { range in
        arithmetic.kernels.pack(layout, stored.bytes.baseAddress, Int64(range.lowerBound), Int64(range.upperBound), pages.start)
      }
    }
    withExtendedLifetime(stored) {}
  }

  deinit { pages.free() }
}

extension StoredTensor {
  fileprivate var format: CProductFormat {
    switch elementType {
    case .float16: CPRODUCT_FLOAT16
    case .bfloat16: CPRODUCT_BFLOAT16
    default: CPRODUCT_FLOAT32
    }
  }
}
