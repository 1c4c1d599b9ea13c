import CKernels
import Checkpoints
import Glibc

/// The weights of a linear layer or convolution, [outputs, inputs], in the format that the file has: 16-bit weights
/// stay 16 bits wide until a product needs them.
final class WeightMatrix: @unchecked Sendable {
  let outputs: Int
  let inputs: Int
  private let stored: StoredTensor

  /// `stored` is [outputs, inputs] up to trailing ones.
  init(_ stored: StoredTensor, outputs: Int, inputs: Int) {
    self.outputs = outputs
    self.inputs = inputs
    self.stored = stored
  }

  /// A convolution's weights: [outputs, channels, height, width] in files, [outputs, height x width x channels] here,
  /// the order in which a pixel's neighbourhood lies in an NHWC picture.
  static func convolution(_ stored: StoredTensor, outputs: Int, channels: Int, taps: Int) -> WeightMatrix {
    if taps > 1 {
      switch stored.elementType.byteCount {
      case 2: moveChannelsLast(stored.bytes.bindMemory(to: UInt16.self), channels: channels, taps: taps)
      default: moveChannelsLast(stored.bytes.bindMemory(to: UInt32.self), channels: channels, taps: taps)
      }
    }
    return WeightMatrix(stored, outputs: outputs, inputs: channels * taps)
  }

  private static func moveChannelsLast<Element>(
    _ elements: UnsafeMutableBufferPointer<Element>, channels: Int, taps: Int
  ) {
    let inputs = channels * taps
    parallel(elements.count / inputs, grain: 16) { rows in
      let row = UnsafeMutablePointer<Element>.allocate(capacity: inputs)
      defer { row.deallocate() }
      for output in rows {
        let values = elements.baseAddress! + output * inputs
        for tap in 0..<taps {
          for channel in 0..<channels { row[tap * channels + channel] = values[channel * taps + tap] }
        }
        values.update(from: row, count: inputs)
      }
    }
  }

  /// The float32 values where the file has float32, else nil.
  var floats: UnsafePointer<Float>? {
    guard stored.elementType == .float32 else { return nil }
    return UnsafePointer(stored.bytes.baseAddress!.assumingMemoryBound(to: Float.self))
  }

  /// Widens `rows` x `columns` to float32, rows following each other without gaps.
  func widen(rows: Range<Int>, columns: Range<Int>, to: UnsafeMutablePointer<Float>) {
    for (index, row) in rows.enumerated() {
      let offset = row * inputs + columns.lowerBound
      let destination = to + index * columns.count
      let halves = stored.bytes.baseAddress!.assumingMemoryBound(to: UInt16.self)
      switch stored.elementType {
      case .float16: kernels.half_to_float(halves + offset, destination, Int64(columns.count))
      case .bfloat16: kernels.bfloat_to_float(halves + offset, destination, Int64(columns.count))
      default: destination.update(from: floats! + offset, count: columns.count)
      }
    }
  }
}

extension Weights {
  /// A vector of `count` parameters (a bias, a norm's scale) as float32.
  func vector(_ name: String, count: Int) throws -> [Float] { try floats(name, shape: [count]) }

  /// A tensor's values as float32, in its order.  Throws as `tensor` does.
  public func floats(_ name: String, shape: [Int]) throws -> [Float] {
    let stored = try tensor(name, shape: shape)
    let count = shape.reduce(1, *)
    let matrix = WeightMatrix(stored, outputs: 1, inputs: count)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      matrix.widen(rows: 0..<1, columns: 0..<count, to: buffer.baseAddress!)
      initialized = count
    }
  }
}
