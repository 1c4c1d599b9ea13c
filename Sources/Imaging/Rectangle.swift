// SPDX-License-Identifier: LGPL-3.0-or-later
/// A rectangle of pixels, origin top left.
package struct Rectangle: Equatable, Sendable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  package static let empty = Rectangle(x: 0, y: 0, width: 0, height: 0)

  package var isEmpty: Bool { width <= 0 || height <= 0 }
  package var right: Int { x + width }
  package var bottom: Int { y + height }
  package var area: Int { width * height }
  package var longerSide: Int { max(width, height) }

  package func contains(_ x: Int, _ y: Int) -> Bool { x >= self.x && y >= self.y && x < right && y < bottom }

  package func expanded(by margin: Int) -> Rectangle {
    Rectangle(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }

  package func expanded(by margins: Margins) -> Rectangle {
    Rectangle(
      x: x - margins.left, y: y - margins.top, width: width + margins.left + margins.right,
      height: height + margins.top + margins.bottom)
  }

  package func intersection(_ other: Rectangle) -> Rectangle {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let (right, bottom) = (min(right, other.right), min(bottom, other.bottom))
    return right > left && bottom > top ? Rectangle(x: left, y: top, width: right - left, height: bottom - top) : .empty
  }

  package func union(_ other: Rectangle) -> Rectangle {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let (left, top) = (min(x, other.x), min(y, other.y))
    return Rectangle(
      x: left, y: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
  }

  /// The same place with the top left of `other` as the origin.
  package func seen(from other: Rectangle) -> Rectangle {
    Rectangle(x: x - other.x, y: y - other.y, width: width, height: height)
  }

  /// Grown around its centre to at least `size` on each side, moved into `bounds` and cut there.
  package func enlarged(to size: Int, within bounds: Rectangle) -> Rectangle {
    func place(_ start: Int, _ length: Int, _ low: Int, _ available: Int) -> (Int, Int) {
      let wanted = min(max(length, size), available)
      let centred = start - (wanted - length) / 2
      return (min(max(centred, low), low + available - wanted), wanted)
    }
    let (left, newWidth) = place(x, width, bounds.x, bounds.width)
    let (top, newHeight) = place(y, height, bounds.y, bounds.height)
    return Rectangle(x: left, y: top, width: newWidth, height: newHeight)
  }
}

/// Pixels beyond each side of a rectangle.
package struct Margins: Equatable, Sendable {
  package var left: Int
  package var right: Int
  package var top: Int
  package var bottom: Int

  package init(left: Int = 0, right: Int = 0, top: Int = 0, bottom: Int = 0) {
    self.left = left
    self.right = right
    self.top = top
    self.bottom = bottom
  }
}
