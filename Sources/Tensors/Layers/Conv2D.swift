import Checkpoints

/// Zero pixels around a picture before a convolution.
public struct Padding: Equatable, Sendable {
  public let before: Int  // left and top
  public let after: Int  // right and bottom

  public init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }

  public static let one = Padding(before: 1, after: 1)
}

/// A square convolution over pictures.  x: [N, H, W, Cin] -> [N, H', W', Cout]
public struct Conv2D {
  let weight: WeightMatrix
  let bias: [Float]
  let lowRank: LowRankSlot
  let channels: Int
  let kernel: Int
  let stride: Int
  let padding: Padding

  /// Reads `weight` [Cout, Cin, kernel, kernel] and `bias` [Cout].  Without a `padding`, a stride of 1 keeps the
  /// picture's size (kernels are odd).
  public init(
    _ weights: Weights, in channels: Int, out outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Padding? = nil
  ) throws {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? Padding(before: kernel / 2, after: kernel / 2)
    weight = .convolution(
      try weights.tensor("weight", shape: [outputs, channels, kernel, kernel]), outputs: outputs, channels: channels,
      taps: kernel * kernel)
    bias = try weights.vector("bias", count: outputs)
    lowRank = LowRankSlot(weights, inputs: channels, outputs: outputs, kernel: kernel)
  }

  /// `perImage` [N or 1, Cout] is added to every pixel of its image, `residual`, of the result's shape, to the whole.
  public func callAsFunction(_ x: Tensor, addingPerImage perImage: Tensor? = nil, adding residual: Tensor? = nil)
    -> Tensor
  {
    precondition(x.shape.count == 4 && x.dim(3) == channels, "a convolution of \(channels) channels got \(x.shape)")
    let outputs = weight.outputs
    let images = x.dim(0)
    let height = (x.dim(1) + padding.before + padding.after - kernel) / stride + 1
    let width = (x.dim(2) + padding.before + padding.after - kernel) / stride + 1
    let result = Tensor([images, height, width, outputs], in: x.workspace)
    precondition(residual == nil || residual!.shape == result.shape, "residual \(residual!.shape) for \(result.shape)")
    precondition(
      perImage == nil || perImage!.shape == [images, outputs] || perImage!.shape == [1, outputs],
      "\(perImage!.shape) added to the images of \(result.shape)")

    var vectors = bias
    if let perImage {
      vectors = perImage.array
      for index in vectors.indices { vectors[index] += bias[index % outputs] }
    }
    let source = Neighbourhoods(
      pixels: x.pointer, height: x.dim(1), width: x.dim(2), channels: channels, kernel: kernel, stride: stride,
      before: padding.before, resultHeight: height, resultWidth: width)
    let rows = images * height * width
    let residual = lowRank.addition.map {
      $0(source, rows: rows, shape: result.shape, adding: residual, in: x.workspace)
    } ?? residual
    vectors.withUnsafeBufferPointer { vectors in
      let addend = RowAddend(
        vectors: vectors.baseAddress!, rowsPerVector: images * outputs / vectors.count * height * width,
        residual: residual.map { UnsafePointer($0.pointer) })
      matrixProduct(source, rows: rows, weight, adding: addend, to: result.pointer, in: x.workspace)
    }
    return result
  }
}

/// The pixels under a convolution's kernel as rows of a matrix: [N H' W', kernel kernel C].
private struct Neighbourhoods: RowSource {
  let pixels: UnsafePointer<Float>
  let height: Int
  let width: Int
  let channels: Int
  let kernel: Int
  let stride: Int
  let before: Int
  let resultHeight: Int
  let resultWidth: Int

  var depthUnit: Int { channels }

  func rows(from row: Int, depth: Int) -> (UnsafePointer<Float>, stride: Int)? {
    guard kernel == 1, stride == 1, before == 0 else { return nil }
    return (pixels + row * channels + depth, channels)
  }

  func gather(rows: Range<Int>, depth: Range<Int>, to: UnsafeMutablePointer<Float>) {
    let taps = depth.lowerBound / channels..<depth.upperBound / channels
    var destination = to
    for row in rows {
      let image = row / (resultHeight * resultWidth)
      let y = row / resultWidth % resultHeight * stride - before
      let x = row % resultWidth * stride - before
      let picture = pixels + image * height * width * channels
      var tap = taps.lowerBound
      while tap < taps.upperBound {
        // The taps of one kernel row are neighbours in the picture: one copy, but for the parts outside.
        let (tapRow, tapColumn) = (tap / kernel, tap % kernel)
        let count = min(kernel - tapColumn, taps.upperBound - tap)
        let line = y + tapRow
        let columns = x + tapColumn..<x + tapColumn + count
        let inside = line >= 0 && line < height ? columns.clamped(to: 0..<width) : 0..<0
        if inside.count == count {
          destination.update(from: picture + (line * width + inside.lowerBound) * channels, count: count * channels)
        } else {
          destination.update(repeating: 0, count: count * channels)
          if !inside.isEmpty {
            (destination + (inside.lowerBound - columns.lowerBound) * channels).update(
              from: picture + (line * width + inside.lowerBound) * channels, count: inside.count * channels)
          }
        }
        destination += count * channels
        tap += count
      }
    }
  }
}
