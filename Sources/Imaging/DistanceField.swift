// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// How far each pixel of an area lies from the nearest one of a mask's hole.
///
/// Exact (Felzenszwalb and Huttenlocher 2012): distances along columns by two sweeps, which a binary mask allows, then
/// along rows by the lower envelope of parabolas.
package struct DistanceField {
  /// Squared distances in pixels, row by row.
  package private(set) var squared: [Float]

  /// Farther than any two pixels of an image are apart, squared.
  private static let unreachable: Float = 1e13

  /// The area must hold all pixels that count.
  package init(to mask: Picture, in area: Rectangle) {
    let (width, height) = (area.width, area.height)
    squared = [Float](repeating: 0, count: width * height)
    guard !area.isEmpty else { return }
    squared.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let values = buffer.baseAddress!
      mask.values.withUnsafeBufferPointer { mask_ in
        let source = mask_.baseAddress! + area.y * mask.width + area.x
        for y in 0..<height {
          for x in 0..<width {
            let above = y > 0 ? values[(y - 1) * width + x] + 1 : Self.unreachable
            values[y * width + x] = source[y * mask.width + x] >= MaskBoxes.holeThreshold ? 0 : above
          }
        }
      }
      for y in (0..<height - 1).reversed() {
        for x in 0..<width { values[y * width + x] = min(values[y * width + x], values[(y + 1) * width + x] + 1) }
      }
      parallel(height, grain: height / 64) { rows in
        var envelope = LowerEnvelope(capacity: width)
        for y in rows {
          let line = values + y * width
          for x in 0..<width { line[x] = min(line[x] * line[x], Self.unreachable) }
          envelope.transform(line, count: width)
        }
      }
    }
  }
}

/// The lower envelope of the parabolas (x - i)^2 + f(i).
private struct LowerEnvelope {
  private var values: [Float]
  private var vertices: [Int]  // of the parabolas in the envelope, left to right
  private var borders: [Float]  // where each takes over from the one before

  init(capacity: Int) {
    values = [Float](repeating: 0, count: capacity)
    vertices = [Int](repeating: 0, count: capacity)
    borders = [Float](repeating: 0, count: capacity + 1)
  }

  /// Replaces f by its envelope.  count: 1 or more.
  mutating func transform(_ line: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { values[index] = line[index] }
    var last = 0
    vertices[0] = 0
    (borders[0], borders[1]) = (-.infinity, .infinity)
    for index in 1..<max(count, 1) {
      var border = crossing(vertices[last], index)
      while border <= borders[last] {
        last -= 1
        border = crossing(vertices[last], index)
      }
      last += 1
      vertices[last] = index
      borders[last] = border
      borders[last + 1] = .infinity
    }
    last = 0
    for index in 0..<count {
      while borders[last + 1] < Float(index) { last += 1 }
      let distance = Float(index - vertices[last])
      line[index] = distance * distance + values[vertices[last]]
    }
  }

  /// Where the parabola of `right` goes below that of `left`.
  private func crossing(_ left: Int, _ right: Int) -> Float {
    (values[right] - values[left] + Float(right * right - left * left)) / Float(2 * (right - left))
  }
}

extension Picture {
  /// A hole, 1 or 0, grown by a disc of this radius in pixels.
  package func dilated(by radius: Int) -> Picture {
    let bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    let box = values.withUnsafeBufferPointer { MaskBoxes($0.baseAddress!, width: width, height: height).hole }
    let area = box.isEmpty ? .empty : box.expanded(by: radius).intersection(bounds)
    let distances = DistanceField(to: self, in: area)
    var result = Picture(width: width, height: height)
    for y in 0..<area.height {
      for x in 0..<area.width where distances.squared[y * area.width + x] <= Float(radius * radius) {
        result.values[(area.y + y) * width + area.x + x] = 1
      }
    }
    return result
  }

  /// Of one channel: of each pixel the largest value in a square, as far as `radius` pixels to each side.
  package func largest(within radius: Int) -> Picture {
    guard radius > 0 else { return self }
    return largestAlongRows(radius).transposed.largestAlongRows(radius).transposed
  }

  private func largestAlongRows(_ radius: Int) -> Picture {
    var result = self
    for y in 0..<height {
      let line = values[y * width..<(y + 1) * width]
      for x in 0..<width {
        let range = line.startIndex + max(x - radius, 0)..<line.startIndex + min(x + radius + 1, width)
        result.values[y * width + x] = line[range].max() ?? 0
      }
    }
    return result
  }

  private var transposed: Picture {
    var result = Picture(width: height, height: width)
    for y in 0..<height { for x in 0..<width { result.values[x * height + y] = values[y * width + x] } }
    return result
  }
}
