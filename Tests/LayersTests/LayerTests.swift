// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing
import TestSupport

@testable import Layers
@testable import Numerics

/// Each kind of layer alone, against its definition in double precision.
@Suite struct LayerTests {
  let workspace = Workspace()

  func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor(shape, seededValues(shape.reduce(1, *), range: 1, seed: seed), in: workspace)
  }

  // MARK: - Linear layers

  @Test(arguments: LayerWeights.Format.allCases, [(1, 24, 7), (77, 300, 130), (513, 64, 33), (2050, 40, 16)])
  func aLinearLayerIsTheSumOfProducts(format: LayerWeights.Format, size: (rows: Int, inputs: Int, outputs: Int)) throws {
    let (rows, inputs, outputs) = size
    let file = try LayerWeights([("weight", [outputs, inputs]), ("bias", [outputs])], format: format)
    let layer = try Linear(file.builder, in: inputs, out: outputs)
    let (x, residual) = (tensor([1, rows, inputs], seed: 3), tensor([1, rows, outputs], seed: 4))
    let expected = Self.linear(x.array, file.values["weight"]!, file.values["bias"]!, inputs: inputs)
    #expect(mismatch(layer(x).array, expected.map(Float.init), absolute: 2e-6, relative: 2e-6, "\(format) \(size)") == nil)
    #expect(mismatch(
      layer(x, adding: residual).array, zip(expected, residual.array).map { Float($0 + Double($1)) }, absolute: 2e-6,
      relative: 2e-6, "\(format) \(size) with a residual") == nil)
  }

  @Test func activationsAndGatesFollowTheSum() throws {
    let file = try LayerWeights([("weight", [66, 40]), ("bias", [66])])
    let x = tensor([1, 9, 40], seed: 5)
    let sums = Self.linear(x.array, file.values["weight"]!, file.values["bias"]!, inputs: 40)
    func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
    let activations: [(Activation, (Double) -> Double)] = [
      (.none, { $0 }), (.silu, { $0 / (1 + exp(-$0)) }), (.gelu, gelu), (.quickGELU, { $0 / (1 + exp(-1.702 * $0)) }),
    ]
    for (activation, function) in activations {
      let layer = try Linear(file.builder, in: 40, out: 66, activation: activation)
      #expect(mismatch(layer(x).array, sums.map { Float(function($0)) }, absolute: 2e-6, relative: 2e-6, "\(activation)") == nil)
    }
    let gated = try Linear(file.builder, in: 40, out: 66, gated: true)
    let expected = (0..<9).flatMap { row in
      (0..<33).map { Float(sums[row * 66 + $0] * gelu(sums[row * 66 + 33 + $0])) }
    }
    #expect(gated.outputs == 33)
    #expect(mismatch(gated(x).array, expected, absolute: 2e-6, relative: 2e-6, "gated") == nil)
  }

  static func linear(_ x: [Float], _ weights: [Float], _ bias: [Float], inputs: Int) -> [Double] {
    stride(from: 0, to: x.count, by: inputs).flatMap { row in
      bias.indices.map { output in
        (0..<inputs).reduce(Double(bias[output])) { $0 + Double(x[row + $1]) * Double(weights[output * inputs + $1]) }
      }
    }
  }

  // MARK: - Convolutions

  struct Shape: CustomStringConvertible {
    var size = (height: 9, width: 14)
    var channels = (first: 20, second: 0)
    var outputs = 24
    var kernel = 3
    var stride = 1
    var padding: Padding?
    var description: String { "\(size) \(channels) \(outputs) k\(kernel) s\(stride)" }
  }

  static let shapes = [
    Shape(), Shape(kernel: 1), Shape(stride: 2, padding: .one), Shape(stride: 2, padding: Padding(before: 0, after: 1)),
    Shape(size: (8, 8), kernel: 4, stride: 4, padding: Padding(before: 0, after: 0)),
    Shape(size: (8, 6), kernel: 4, stride: 2, padding: .one), Shape(size: (1, 1)), Shape(size: (3, 50), channels: (9, 0)),
    Shape(channels: (20, 12)), Shape(size: (17, 33), channels: (40, 24), outputs: 50), Shape(channels: (4, 0), outputs: 3),
    // Deep enough for several K blocks.
    Shape(size: (12, 12), channels: (650, 0), outputs: 70), Shape(size: (12, 12), channels: (330, 330), outputs: 70),
  ]

  @Test(arguments: shapes) func aConvolutionIsTheSumOverItsTaps(shape: Shape) throws {
    for format in LayerWeights.Format.allCases {
      let channels = shape.channels.first + shape.channels.second
      let file = try LayerWeights(
        [("weight", [shape.outputs, channels, shape.kernel, shape.kernel]), ("bias", [shape.outputs])], format: format)
      let layer = try Conv2D(
        file.builder, in: channels, out: shape.outputs, kernel: shape.kernel, stride: shape.stride, padding: shape.padding)
      let first = tensor([2, shape.size.height, shape.size.width, shape.channels.first], seed: 7)
      let second = tensor([2, shape.size.height, shape.size.width, shape.channels.second], seed: 8)
      let x = shape.channels.second > 0 ? concatenate(first, second) : first
      let expected = Self.convolution(x, file, layer)
      let perImage = tensor([2, shape.outputs], seed: 9)
      let features = shape.channels.second > 0 ? Features(first, second) : Features(first)
      // Winograd's transforms cost a digit.
      #expect(mismatch(
        layer(features, addingPerImage: perImage).array, Self.adding(perImage, to: expected), absolute: 2e-5, relative: 1e-5,
        "\(format) \(shape)") == nil)
    }
  }

  @Test func aNormAndAnEnlargementAreDoneWhileAConvolutionReads() throws {
    let file = try LayerWeights([
      ("conv.weight", [24, 32, 3, 3]), ("conv.bias", [24]), ("norm.weight", [32]), ("norm.bias", [32]),
    ])
    let norm = try GroupNorm(file.builder["norm"], channels: 32, groups: 4, epsilon: 1e-5)
    let conv = try Conv2D(file.builder["conv"], in: 32, out: 24)
    let (first, second) = (tensor([2, 7, 10, 20], seed: 7), tensor([2, 7, 10, 12], seed: 8))  // groups of 8 straddle them
    let joined = concatenate(first, second)
    for silu in [false, true] {
      let normed = Self.groupNorm(
        joined, file.values["norm.weight"]!, file.values["norm.bias"]!, groups: 4, epsilon: 1e-5, silu: silu, in: workspace)
      let result = conv(norm(Features(first, second), silu: silu))
      #expect(mismatch(
        result.array, Self.convolution(normed, file, conv, "conv."), absolute: 2e-5, relative: 1e-5, "normalised, SiLU \(silu)") == nil)
    }
    for (height, width) in [(14, 20), (13, 20), (13, 19)] {
      #expect(mismatch(
        conv(.enlarged(joined, height: height, width: width)).array,
        Self.convolution(resizeNearest(joined, height: height, width: width), file, conv, "conv."), absolute: 2e-5,
        relative: 1e-5, "enlarged to \(height) x \(width)") == nil)
    }
  }

  static func adding(_ perImage: Tensor, to x: [Float]) -> [Float] {
    let outputs = perImage.dim(1)
    return x.indices.map { x[$0] + perImage.array[$0 / (x.count / 2) * outputs + $0 % outputs] }
  }

  static func convolution(_ x: Tensor, _ file: LayerWeights, _ layer: Conv2D, _ prefix: String = "") -> [Float] {
    let (weights, bias) = (file.values[prefix + "weight"]!, file.values[prefix + "bias"]!)
    let (images, height, width, channels) = (x.dim(0), x.dim(1), x.dim(2), x.dim(3))
    let (kernel, padding) = (layer.convolution.kernel, layer.convolution.padding)
    let values = x.array
    var result: [Float] = []
    for image in 0..<images {
      for y in stride(from: -padding.before, through: height + padding.after - kernel, by: layer.convolution.stride) {
        for column in stride(from: -padding.before, through: width + padding.after - kernel, by: layer.convolution.stride) {
          for output in bias.indices {
            var sum = Double(bias[output])
            for (tapY, line) in (y..<y + kernel).enumerated() where (0..<height).contains(line) {
              for (tapX, pixel) in (column..<column + kernel).enumerated() where (0..<width).contains(pixel) {
                let start = ((image * height + line) * width + pixel) * channels
                for channel in 0..<channels {
                  let weight = weights[((output * channels + channel) * kernel + tapY) * kernel + tapX]
                  sum += Double(values[start + channel]) * Double(weight)
                }
              }
            }
            result.append(Float(sum))
          }
        }
      }
    }
    return result
  }

  // MARK: - Norms

  static func groupNorm(
    _ x: Tensor, _ scale: [Float], _ shift: [Float], groups: Int, epsilon: Double, silu: Bool, in workspace: Workspace
  ) -> Tensor {
    let (images, channels) = (x.dim(0), x.dim(-1))
    let (rows, width) = (x.count / images / channels, channels / groups)
    var values = x.array
    for image in 0..<images {
      for group in 0..<groups {
        let places = (0..<rows).flatMap { row in
          (0..<width).map { (image * rows + row) * channels + group * width + $0 }
        }
        let mean = places.reduce(0.0) { $0 + Double(values[$1]) } / Double(places.count)
        let variance = places.reduce(0.0) { $0 + pow(Double(values[$1]) - mean, 2) } / Double(places.count)
        for place in places {
          let channel = place % channels
          let y = (Double(values[place]) - mean) / (variance + epsilon).squareRoot() * Double(scale[channel])
            + Double(shift[channel])
          values[place] = Float(silu ? y / (1 + exp(-y)) : y)
        }
      }
    }
    return Tensor(x.shape, values, in: workspace)
  }

  @Test func aLayerNormHasEachRowsMomentsAndParameters() throws {
    let file = try LayerWeights([("weight", [50]), ("bias", [50])])
    let x = tensor([1, 13, 50], seed: 2)
    let result = try LayerNorm(file.builder, channels: 50, epsilon: 1e-5)(x).array
    let (scale, shift) = (file.values["weight"]!, file.values["bias"]!)
    var expected: [Float] = []
    for row in 0..<13 {
      let values: [Double] = x.array[row * 50..<(row + 1) * 50].map { Double($0) }
      let mean: Double = values.reduce(0, +) / 50
      let variance: Double = values.reduce(0) { $0 + pow($1 - mean, 2) } / 50
      for (channel, value) in values.enumerated() {
        let normed: Double = (value - mean) / (variance + 1e-5).squareRoot()
        expected.append(Float(normed * Double(scale[channel]) + Double(shift[channel])))
      }
    }
    #expect(mismatch(result, expected, absolute: 1e-6, relative: 1e-6, "layer norm") == nil)
  }

  @Test func anRMSNormScalesEachHeadByItsOwnMeanSquare() throws {
    let file = try LayerWeights([("scale", [8])])
    let x = tensor([1, 5, 24], seed: 2)
    let result = try RMSNorm(file.builder, headWidth: 8, epsilon: 1e-6)(x).array
    let scale = file.values["scale"]!
    var expected: [Float] = []
    for head in 0..<15 {
      let values: [Double] = x.array[head * 8..<(head + 1) * 8].map { Double($0) }
      let meanSquare: Double = values.reduce(0) { $0 + $1 * $1 } / 8
      for (channel, value) in values.enumerated() {
        expected.append(Float(value / (meanSquare + 1e-6).squareRoot() * Double(scale[channel])))
      }
    }
    #expect(mismatch(result, expected, absolute: 1e-6, relative: 1e-6, "RMS norm") == nil)
  }

  @Test(arguments: LayerWeights.Format.allCases) func anEmbeddingGivesTheTablesRows(format: LayerWeights.Format) throws {
    let file = try LayerWeights([("weight", [6, 10])], format: format)
    let rows = try Embedding(file.builder, entries: 6, width: 10)([5, 0, 5], in: workspace)
    let table = file.values["weight"]!
    let expected: [Float] = [5, 0, 5].flatMap { table[$0 * 10..<$0 * 10 + 10] }
    #expect(rows.shape == [1, 3, 10])
    #expect(rows.array == expected)
  }
}
