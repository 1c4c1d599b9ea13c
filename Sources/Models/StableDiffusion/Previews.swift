// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Numerics

/// How a run shows what becomes of the picture.
public enum Previews {
  case none
  /// A pixel for each latent cell, whose colour is the linear function of its latents that fits the known picture best.
  case cells
  /// By another codec of the same latents, one that costs little.
  case decoded(any LatentCodec)

  /// Makes previews of latents without noise, [1, h, w, C]: the hole by them, all else the picture's.
  typealias Painter = (_ latents: Tensor) throws -> Preview

  /// Pixels of the longer side, at most.
  private static let size = 256

  /// image: [1, H, W, 3] in -1 ... 1; mask: [1, H, W, 1], 1 = hole; latents: the known picture's, [1, h, w, C].
  func painter(_ image: Tensor, mask: Tensor, latents: Tensor?) -> Painter? {
    guard let latents else { return nil }
    let cells = (height: latents.dim(1), width: latents.dim(2))
    switch self {
    case .none: return nil
    case .cells:
      let colors = resizeArea(image, height: cells.height, width: cells.width)
      let map = LinearMap(from: latents, to: colors)
      let hole = mask.latentMask(downscale: image.dim(1) / cells.height)
      return { Self.preview(map($0), hole, colors) }
    case .decoded(let codec):
      let shrunk = (max(image.dim(1), image.dim(2)) + Self.size - 1) / Self.size
      let (height, width) = (max(1, image.dim(1) / shrunk), max(1, image.dim(2) / shrunk))
      let colors = resizeArea(image, height: height, width: width)
      let hole = resizeArea(mask, height: height, width: width)
      return { Self.preview(resizeArea(try codec.decode($0), height: height, width: width), hole, colors) }
    }
  }

  private static func preview(_ fill: Tensor, _ hole: Tensor, _ colors: Tensor) -> Preview {
    fill.keepInPlace(where: hole, of: colors)
    let values = fill.array.map { value in
      let shown = value / 2 + 0.5
      return shown > 0 ? min(shown, 1) : 0  // not a number: 0
    }
    return Preview(width: fill.dim(2), height: fill.dim(1), colors: values)
  }
}

/// y = A x + b, by least squares.
struct LinearMap {
  private let coefficients: [[Double]]  // [inputs + 1][outputs], the last row b

  /// Keeps what the samples do not tell from growing without bounds, as a share of their number.
  private static let ridge = 1e-4

  /// x: [1, h, w, inputs], y: [1, h, w, outputs]
  init(from x: Tensor, to y: Tensor) {
    let (inputs, outputs) = (x.dim(-1), y.dim(-1))
    let (from, to, samples) = (x.array, y.array, x.count / inputs)
    // The normal equations, [inputs + 1][inputs + 1 | outputs].
    var rows = [[Double]](repeating: [Double](repeating: 0, count: inputs + 1 + outputs), count: inputs + 1)
    for sample in 0..<samples {
      let left = (0..<inputs).map { Double(from[sample * inputs + $0]) } + [1]
      let all = left + (0..<outputs).map { Double(to[sample * outputs + $0]) }
      for i in 0...inputs { for j in all.indices { rows[i][j] += left[i] * all[j] } }
    }
    for i in 0...inputs { rows[i][i] += Self.ridge * Double(samples) }
    // They are symmetric and positive: elimination needs no other pivots (Golub and Van Loan 2013, 4.2).
    for i in 0...inputs {
      for other in 0...inputs where other != i {
        let factor = rows[other][i] / rows[i][i]
        for j in i..<rows[i].count { rows[other][j] -= factor * rows[i][j] }
      }
    }
    coefficients = rows.enumerated().map { i, row in row[(inputs + 1)...].map { $0 / row[i] } }
  }

  /// [1, h, w, inputs] -> [1, h, w, outputs]
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (inputs, outputs) = (coefficients.count - 1, coefficients[0].count)
    let values = x.array
    let mapped = (0..<x.count / inputs * outputs).map { index in
      let (sample, output) = (index / outputs, index % outputs)
      return Float((0..<inputs).reduce(coefficients[inputs][output]) {
        $0 + coefficients[$1][output] * Double(values[sample * inputs + $1])
      })
    }
    return Tensor(x.shape.dropLast() + [outputs], mapped, in: x.workspace)
  }
}
