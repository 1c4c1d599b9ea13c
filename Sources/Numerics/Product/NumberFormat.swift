// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

/// How a weight's values are stored.
package enum NumberFormat: Sendable {
  case float32
  case float16
  case bfloat16

  var code: CProductFormat {
    switch self {
    case .float32: CPRODUCT_FLOAT32
    case .float16: CPRODUCT_FLOAT16
    case .bfloat16: CPRODUCT_BFLOAT16
    }
  }

  /// Writes `count` values that begin at `start` as float32.
  package func widen(_ start: UnsafeRawPointer, to: UnsafeMutablePointer<Float>, count: Int) {
    switch self {
    case .float32: to.update(from: start.assumingMemoryBound(to: Float.self), count: count)
    case .float16: kernels.half_to_float(start.assumingMemoryBound(to: UInt16.self), to, Int64(count))
    case .bfloat16: kernels.bfloat_to_float(start.assumingMemoryBound(to: UInt16.self), to, Int64(count))
    }
  }
}
