import CKernels
import Checkpoints

extension StoredTensor {
  /// Writes these of its values, counted in the file's order, as float32.  The tensor is float32, float16 or bfloat16.
  func widen(_ elements: Range<Int>, to: UnsafeMutablePointer<Float>) {
    precondition(elements.upperBound * elementType.byteCount <= bytes.count, "elements \(elements) of \(shape)")
    let start = bytes.baseAddress! + elements.lowerBound * elementType.byteCount
    switch elementType {
    case .float16: kernels.half_to_float(start.assumingMemoryBound(to: UInt16.self), to, Int64(elements.count))
    case .bfloat16: kernels.bfloat_to_float(start.assumingMemoryBound(to: UInt16.self), to, Int64(elements.count))
    default: to.update(from: start.assumingMemoryBound(to: Float.self), count: elements.count)
    }
  }
}

extension Weights {
  /// A tensor's values as float32, in its order.  Throws as `tensor` does.
  public func floats(_ name: String, shape: [Int]) throws -> [Float] {
    let stored = try tensor(name, shape: shape)
    let count = shape.reduce(1, *)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress { stored.widen(0..<count, to: start) }
      initialized = count
    }
  }
}
