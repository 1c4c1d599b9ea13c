// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

extension Picture {
  /// To another size by cubic convolution (Keys 1981, a = -1/2), widened when shrinking so that nothing is skipped.
  ///
  /// Its overshoot at edges is the least of the cubic and Lanczos kernels that keep detail, and stays within what the
  /// clamping behind it takes away.
  package func resized(width: Int, height: Int) -> Picture {
    resized(width: width, height: height, part: Rectangle(x: 0, y: 0, width: width, height: height))
  }

  /// A part of the picture at another size; only what it needs is computed.
  package func resized(width: Int, height: Int, part: Rectangle) -> Picture {
    if (width, height) == (self.width, self.height) { return cropped(part) }
    let columns = Taps(from: self.width, to: width, .cubic, part.x..<part.right)
    let rows = Taps(from: self.height, to: height, .cubic, part.y..<part.bottom)
    return applyingRows(rows).applyingColumns(columns)
  }

  /// A hole at another size, 0 or 1: shrinking keeps every pixel that holds some of it, growing takes the nearer side.
  package func resizedHole(width: Int, height: Int) -> Picture {
    if (width, height) == (self.width, self.height) { return self }
    let shares = averaged(width: width, height: height)
    let shrinks = width < self.width || height < self.height
    return shares.mapped { $0 >= (shrinks ? 1e-6 : 0.5) ? 1 : 0 }
  }

  /// To another size by means over what each pixel covers.
  package func averaged(width: Int, height: Int) -> Picture {
    applyingRows(Taps(from: self.height, to: height, .area, 0..<height))
      .applyingColumns(Taps(from: self.width, to: width, .area, 0..<width))
  }

  /// To the size of `resizedHole`; outside of that nothing of what `hole` hides is mixed in, inside as `resized`.
  package func resized(around hole: Picture, _ resizedHole: Picture) -> Picture {
    var result = resized(width: resizedHole.width, height: resizedHole.height)
    guard (resizedHole.width, resizedHole.height) != (width, height) else { return result }
    var known = Picture(width: width, height: height, channels: channels + 1)
    for index in hole.values.indices where hole.values[index] == 0 {
      for channel in 0..<channels { known.values[index * (channels + 1) + channel] = values[index * channels + channel] }
      known.values[index * (channels + 1) + channels] = 1
    }
    let shares = known.resized(width: resizedHole.width, height: resizedHole.height)
    for index in resizedHole.values.indices where resizedHole.values[index] == 0 {
      let share = shares.values[index * (channels + 1) + channels]
      guard share > 0 else { continue }
      for channel in 0..<channels {
        result.values[index * channels + channel] = shares.values[index * (channels + 1) + channel] / share
      }
    }
    return result
  }

  /// Spreads the pixels whose fourth channel, the weight, is above 0 over all others: means on ever coarser grids, read
  /// back smoothly as far as a finer one knows little (Gortler et al. 1996, section 3.4).  nil without any.
  package func spread() -> Picture? {
    if width <= 1 && height <= 1 { return values[3] > 0 ? self : nil }
    var coarse = Picture(width: (width + 1) / 2, height: (height + 1) / 2, channels: 4)
    for y in 0..<height {
      for x in 0..<width {
        let (source, target) = ((y * width + x) * 4, (y / 2 * coarse.width + x / 2) * 4)
        let weight = values[source + 3]
        for channel in 0..<3 { coarse.values[target + channel] += weight * values[source + channel] }
        coarse.values[target + 3] += weight
      }
    }
    for cell in 0..<coarse.width * coarse.height where coarse.values[cell * 4 + 3] > 0 {
      for channel in 0..<3 { coarse.values[cell * 4 + channel] /= coarse.values[cell * 4 + 3] }
      coarse.values[cell * 4 + 3] = min(coarse.values[cell * 4 + 3], 1)
    }
    guard let filled = coarse.spread() else { return nil }
    let background = filled.resized(width: width, height: height)
    var result = self
    for pixel in 0..<width * height {
      let weight = values[pixel * 4 + 3]
      for channel in 0..<3 {
        let index = pixel * 4 + channel
        result.values[index] = weight * values[index] + (1 - weight) * background.values[index]
      }
      result.values[pixel * 4 + 3] = 1
    }
    return result
  }

  package func mapped(_ transform: (Float) -> Float) -> Picture {
    Picture(width: width, height: height, channels: channels, values: values.map(transform))
  }

  /// A part, or with coordinates outside, the nearest pixels there are.
  package func cropped(_ part: Rectangle) -> Picture {
    if part == Rectangle(x: 0, y: 0, width: width, height: height) { return self }
    var result = Picture(width: part.width, height: part.height, channels: channels)
    for y in 0..<part.height {
      let line = min(max(part.y + y, 0), height - 1)
      for x in 0..<part.width {
        let source = (line * width + min(max(part.x + x, 0), width - 1)) * channels
        let target = (y * part.width + x) * channels
        for channel in 0..<channels { result.values[target + channel] = values[source + channel] }
      }
    }
    return result
  }

  private func applyingColumns(_ taps: Taps) -> Picture {
    var result = Picture(width: taps.count, height: height, channels: channels)
    result.fillRows { y, line in
      values.withUnsafeBufferPointer { values in
        let row = values.baseAddress! + y * width * channels
        for x in 0..<taps.count {
          taps.withWeights(x) { weights in
            for channel in 0..<channels {
              var sum: Float = 0
              for (offset, weight) in weights.enumerated() {
                sum += weight * row[(taps.starts[x] + offset) * channels + channel]
              }
              line[x * channels + channel] = sum
            }
          }
        }
      }
    }
    return result
  }

  private func applyingRows(_ taps: Taps) -> Picture {
    var result = Picture(width: width, height: taps.count, channels: channels)
    let stride = width * channels
    result.fillRows { y, line in
      values.withUnsafeBufferPointer { values in
        taps.withWeights(y) { weights in
          for (offset, weight) in weights.enumerated() {
            let source = values.baseAddress! + (taps.starts[y] + offset) * stride
            for index in 0..<stride { line[index] += weight * source[index] }
          }
        }
      }
    }
    return result
  }

  /// Calls `body` for each row on all processors; rows are 0 before.
  private mutating func fillRows(_ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
    let (stride, height) = (width * channels, height)
    values.withUnsafeMutableBufferPointer { values in
      let start = values.baseAddress!
      parallel(height, grain: height / 64) { rows in for y in rows { body(y, start + y * stride) } }
    }
  }
}

/// For each of the wanted target pixels the source pixels that it is made of and their weights, which sum to 1.
private struct Taps {
  enum Kernel { case cubic, area }

  let starts: [Int]
  private let ranges: [Range<Int>]
  private let all: [Float]
  var count: Int { starts.count }

  func withWeights(_ index: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
    all.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[ranges[index]])) }
  }

  init(from: Int, to: Int, _ kernel: Kernel, _ wanted: Range<Int>) {
    let scale = Double(from) / Double(to)
    let stretch = kernel == .area ? scale : max(scale, 1)
    var (starts, ranges, all): ([Int], [Range<Int>], [Float]) = ([], [], [])
    for index in wanted {
      let centre = (Double(index) + 0.5) * scale
      let radius = (kernel == .area ? 0.5 : 2) * stretch
      let first = max(0, Int((centre - radius).rounded(.down)))
      let last = max(first, min(from - 1, Int((centre + radius).rounded(.up)) - 1))
      var weights = (first...last).map { source -> Double in
        switch kernel {
        case .cubic: return Self.cubic((Double(source) + 0.5 - centre) / stretch)
        case .area: return max(0, min(Double(source) + 1, centre + radius) - max(Double(source), centre - radius))
        }
      }
      let sum = weights.reduce(0, +)
      if sum == 0 { weights[0] = 1 }
      starts.append(first)
      ranges.append(all.count..<all.count + weights.count)
      all += weights.map { Float($0 / (sum == 0 ? 1 : sum)) }
    }
    (self.starts, self.ranges, self.all) = (starts, ranges, all)
  }

  private static func cubic(_ x: Double) -> Double {
    let x = abs(x)
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }
}
