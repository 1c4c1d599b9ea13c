// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// A convolution's weights in float32 on the way into a product, where they become what the file does not hold: several
/// layers in one, or one in another form.
public struct Filters {
  let outputs: Int
  let inputs: Int
  let kernel: Int
  private(set) var values: [Float]  // [outputs, inputs, kernel, kernel]

  /// Reads `weight` [outputs, inputs, kernel, kernel].
  public init(_ builder: ModelBuilder, in inputs: Int, out outputs: Int, kernel: Int = 1) throws {
    (self.outputs, self.inputs, self.kernel) = (outputs, inputs, kernel)
    values = try builder.weights.floats("weight", shape: [outputs, inputs, kernel, kernel])
  }

  private init(outputs: Int, inputs: Int, kernel: Int, _ value: (_ output: Int, _ input: Int, _ tap: Int) -> Float) {
    (self.outputs, self.inputs, self.kernel) = (outputs, inputs, kernel)
    let taps = kernel * kernel
    values = [Float](unsafeUninitializedCapacity: outputs * inputs * taps) { buffer, initialized in
      for index in 0..<outputs * inputs * taps {
        buffer.initializeElement(at: index, to: value(index / taps / inputs, index / taps % inputs, index % taps))
      }
      initialized = outputs * inputs * taps
    }
  }

  private subscript(_ output: Int, _ input: Int, _ tap: Int) -> Float {
    values[(output * inputs + input) * kernel * kernel + tap]
  }

  /// With the factors of a norm that follows; its shift is added where all that it normalises has met.
  public func scaled(by norm: BatchNorm) -> Filters {
    Filters(outputs: outputs, inputs: inputs, kernel: kernel) { self[$0, $1, $2] * norm.scale[$0] }
  }

  /// For the inputs of both side by side, whose results are added.
  public func beside(_ other: Filters) -> Filters {
    precondition(other.outputs == outputs && other.kernel == kernel, "filters that do not fit")
    return Filters(outputs: outputs, inputs: inputs + other.inputs, kernel: kernel) { output, input, tap in
      input < inputs ? self[output, input, tap] : other[output, input - inputs, tap]
    }
  }

  /// With these of the outputs and inputs, in this order.
  public func ordered(outputs: [Int], inputs: [Int]) -> Filters {
    Filters(outputs: outputs.count, inputs: inputs.count, kernel: kernel) { self[outputs[$0], inputs[$1], $2] }
  }

  /// A transposed 3x3 convolution of stride 2, padding 1 and output padding 1, which doubles a picture's sides, as a
  /// convolution that makes the four pixels of each cell: [4 outputs, inputs, 2, 2], over the pixel and those to the
  /// right of and below it.
  ///
  /// Reads `weight` [inputs, outputs, 3, 3].
  public init(transposed builder: ModelBuilder, in inputs: Int, out outputs: Int) throws {
    let stored = try builder.weights.floats("weight", shape: [inputs, outputs, 3, 3])
    // At even places of the result the middle tap meets a pixel, at odd ones the last tap one and the first tap the next.
    func place(_ phase: Int, _ tap: Int) -> Int? { phase == 0 ? (tap == 0 ? 1 : nil) : (tap == 0 ? 2 : 0) }
    self.init(outputs: 4 * outputs, inputs: inputs, kernel: 2) { output, input, tap in
      let (phase, channel) = (output / outputs, output % outputs)
      guard let y = place(phase / 2, tap / 2), let x = place(phase % 2, tap % 2) else { return 0 }
      return stored[((input * outputs + channel) * 3 + y) * 3 + x]
    }
  }

  /// Throws `CheckpointError` if the system has no memory for them.
  func packed(_ arithmetic: Arithmetic) throws -> PackedWeights {
    let stored = try StoredTensor(.float32, [outputs, inputs, kernel, kernel])
    values.withUnsafeBytes { stored.bytes.copyMemory(from: $0) }
    return try stored.packed(outputs: outputs, inputs: inputs, kernel: kernel, arithmetic)
  }
}

/// A convolution of such filters, normalised and then activated.  x: [N, H, W, Cin] -> [N, H', W', Cout]
public struct FilterBank {
  private let convolution: Convolution
  private let activation: Activation

  /// Without a `padding`, a stride of 1 keeps the picture's size, over mirrored borders.
  ///
  /// Throws `CheckpointError` if the system has no memory for the weights.
  public init(
    _ filters: Filters, norm: BatchNorm, stride: Int = 1, padding: Padding? = nil, activation: Activation = .none
  ) throws {
    try self.init(filters.scaled(by: norm), bias: norm.shift, stride: stride, padding: padding, activation: activation)
  }

  /// bias: [outputs], or empty.
  public init(
    _ filters: Filters, bias: [Float] = [], stride: Int = 1, padding: Padding? = nil, activation: Activation = .none
  ) throws {
    let border = filters.kernel / 2
    convolution = Convolution(
      weight: try filters.packed(.float32), bias: bias, kernel: filters.kernel, stride: stride,
      padding: padding ?? Padding(before: border, after: border, isMirrored: true))
    self.activation = activation
  }

  /// `residual`, of the result's shape, is added before the activation.
  public func callAsFunction(_ x: Features, adding residual: Tensor? = nil) -> Tensor {
    convolution(x, adding: residual, nil, activation)
  }

  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor { self(Features(x), adding: residual) }
}
