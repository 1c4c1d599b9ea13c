// SPDX-License-Identifier: LGPL-3.0-or-later
/// Where a mask has something.
package struct MaskBoxes: Equatable {
  /// Mask of `holeThreshold` or more.
  package var hole = Rectangle.empty
  /// Mask of `visibleThreshold` or more.
  package var visible = Rectangle.empty
  /// Mask above 0.
  package var anything = Rectangle.empty

  /// What the models repaint.
  package static let holeThreshold: Float = 0.5
  /// What lossy compression does not leave around a shape.
  package static let visibleThreshold: Float = 0.05

  /// Of nothing.
  package init() {}

  /// One pass over `width` x `height` values; what is not a number counts as 0.
  package init(_ mask: UnsafePointer<Float>, width: Int, height: Int) {
    self.init(mask, stride: width, in: Rectangle(x: 0, y: 0, width: width, height: height))
  }

  /// The same for a part of a mask whose rows are `stride` long; the boxes are in the whole mask's pixels.
  package init(_ mask: UnsafePointer<Float>, stride: Int, in part: Rectangle) {
    let width = part.width
    for y in part.y..<part.bottom {
      let row = mask + y * stride + part.x
      var largest: Float = 0
      for x in 0..<width { largest = row[x] > largest ? row[x] : largest }
      guard largest > 0 else { continue }
      func extend(_ box: inout Rectangle, _ counts: (Float) -> Bool) {
        guard counts(largest) else { return }
        var (first, last) = (0, width - 1)
        while !counts(row[first]) { first += 1 }
        while !counts(row[last]) { last -= 1 }
        box = box.union(Rectangle(x: part.x + first, y: y, width: last - first + 1, height: 1))
      }
      extend(&anything) { $0 > 0 }
      extend(&visible) { $0 >= Self.visibleThreshold }
      extend(&hole) { $0 >= Self.holeThreshold }
    }
  }
}

extension MaskBoxes {
  /// Of a mask that is 1 all over `rectangle`.
  package init(all rectangle: Rectangle) { (hole, visible, anything) = (rectangle, rectangle, rectangle) }

  /// Of both.
  package func union(_ other: MaskBoxes) -> MaskBoxes {
    var result = self
    result.hole = hole.union(other.hole)
    result.visible = visible.union(other.visible)
    result.anything = anything.union(other.anything)
    return result
  }

  /// In the pixels of what has this one's origin at `origin`.
  package func moved(by origin: Rectangle) -> MaskBoxes {
    func moved(_ box: Rectangle) -> Rectangle {
      box.isEmpty ? box : Rectangle(x: box.x + origin.x, y: box.y + origin.y, width: box.width, height: box.height)
    }
    var result = self
    (result.hole, result.visible, result.anything) = (moved(hole), moved(visible), moved(anything))
    return result
  }
}
