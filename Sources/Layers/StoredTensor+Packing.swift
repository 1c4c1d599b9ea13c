// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

extension StoredTensor {
  /// Of float32, float16 and bfloat16, which are the types of weights.
  private var format: NumberFormat {
    switch elementType {
    case .float16: .float16
    case .bfloat16: .bfloat16
    default: .float32
    }
  }

  /// Writes these of its values, counted in the file's order, as float32.
  func widen(_ elements: Range<Int>, to: UnsafeMutablePointer<Float>) {
    precondition(elements.upperBound * elementType.byteCount <= bytes.count, "elements \(elements) of \(shape)")
    withExtendedLifetime(self) {
      guard let start = bytes.baseAddress else { return }
      format.widen(start + elements.lowerBound * elementType.byteCount, to: to, count: elements.count)
    }
  }

  /// These of its values, counted in the file's order.
  func floats(_ elements: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: elements.count) { buffer, initialized in
      if let start = buffer.baseAddress { widen(elements, to: start) }
      initialized = elements.count
    }
  }

  /// The values of [outputs, inputs, kernel, kernel], up to trailing ones, packed for products.  gated: as of
  /// `PackedWeights`.
  ///
  /// Throws `CheckpointError` if the system has no memory for them.
  func packed(
    outputs: Int, inputs: Int, kernel: Int = 1, gated: Bool = false, _ arithmetic: Arithmetic = .float32
  ) throws -> PackedWeights {
    let packed = withExtendedLifetime(self) {
      PackedWeights(
        bytes.baseAddress, format, outputs: outputs, inputs: inputs, kernel: kernel, gated: gated, arithmetic)
    }
    guard let packed else {
      throw CheckpointError(
        "no memory for \(bytes.count) bytes of weights; close other programs or use a smaller model")
    }
    return packed
  }
}

extension Weights {
  /// A tensor's values as float32, in its order.  Throws as `tensor` does.
  public func floats(_ name: String, shape: [Int]) throws -> [Float] {
    try tensor(name, shape: shape).floats(0..<shape.reduce(1, *))
  }
}
