// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// How a canvas is filled around what is known of it: the parts that the models look at, one after the other.
///
/// The known rectangle grows by rings.  A ring has its sides first, each cut into overlapping tiles from the middle
/// outward, then its corners, which have known pixels on two sides by then.  Each part has at least as many known
/// pixels as unknown ones, and what one has filled is known to the next.
struct OutpaintPasses {
  /// What the models see in each pass, in the canvas' pixels.  All that is unknown in it is filled.
  private(set) var regions: [Rectangle] = []

  private let nativeSize: Int

  /// known: inside `canvas`, not empty.  nativeSize: side of the pictures that the model was trained on; parts are that
  /// large where the canvas allows, and up to twice as large where a ring is wide.
  init(known: Rectangle, canvas: Rectangle, nativeSize: Int) {
    self.nativeSize = nativeSize
    var known = known
    while known != canvas {
      let ring = Ring(around: known, in: canvas, widest: nativeSize)
      for side in ring.sides { appendTiles(side, known) }
      for corner in ring.corners { regions.append(part(corner, within: ring.outer)) }
      known = ring.outer
    }
  }

  /// Tiles along one side of a ring, from the middle to both ends.
  private mutating func appendTiles(_ side: Rectangle, _ known: Rectangle) {
    let bounds = side.union(known)  // without the corners, which are unknown still
    let isUpright = side.height == known.height && side.width < bounds.width
    let length = isUpright ? side.height : side.width
    let tile = min(length, tileSide(isUpright ? side.width : side.height))
    let start = isUpright ? side.y : side.x
    let middle = start + (length - tile) / 2
    let step = max(1, tile - tile / Self.overlapShare)
    var distances = [0]
    while distances[distances.count - 1] < (length - tile + 1) / 2 { distances.append(distances[distances.count - 1] + step) }
    for distance in distances {
      for signed in distance == 0 ? [0] : [-distance, distance] {
        let first = min(max(middle + signed, start), start + length - tile)
        let piece = isUpright
          ? Rectangle(x: side.x, y: first, width: side.width, height: tile)
          : Rectangle(x: first, y: side.y, width: tile, height: side.height)
        regions.append(part(piece, within: bounds))
      }
    }
  }

  /// Neighbouring tiles have this part of their length in common.
  private static let overlapShare = 4

  private func tileSide(_ depth: Int) -> Int { max(nativeSize, 2 * depth) }

  /// `piece` with known pixels beside it.
  private func part(_ piece: Rectangle, within bounds: Rectangle) -> Rectangle {
    piece.enlarged(to: tileSide(min(piece.width, piece.height)), within: bounds)
  }
}

/// What is filled around a rectangle at once.
private struct Ring {
  let outer: Rectangle
  /// Those that are not empty: left, right, top, bottom, without corners.
  let sides: [Rectangle]
  let corners: [Rectangle]

  /// No side is wider than the known rectangle is in the same direction, nor than `widest`; what remains of a side is
  /// shared out evenly.
  init(around known: Rectangle, in canvas: Rectangle, widest: Int) {
    func step(_ remaining: Int, _ extent: Int) -> Int {
      let limit = max(1, min(widest, extent))
      let rings = (remaining + limit - 1) / limit
      return rings > 0 ? (remaining + rings - 1) / rings : 0
    }
    let left = step(known.x - canvas.x, known.width)
    let right = step(canvas.right - known.right, known.width)
    let top = step(known.y - canvas.y, known.height)
    let bottom = step(canvas.bottom - known.bottom, known.height)
    outer = Rectangle(
      x: known.x - left, y: known.y - top, width: known.width + left + right, height: known.height + top + bottom)
    let columns = [(known.x - left, left), (known.right, right)]
    let rows = [(known.y - top, top), (known.bottom, bottom)]
    let upright = columns.map { Rectangle(x: $0.0, y: known.y, width: $0.1, height: known.height) }
    let level = rows.map { Rectangle(x: known.x, y: $0.0, width: known.width, height: $0.1) }
    sides = (upright + level).filter { !$0.isEmpty }
    corners = columns.flatMap { column in
      rows.map { row in Rectangle(x: column.0, y: row.0, width: column.1, height: row.1) }
    }.filter { !$0.isEmpty }
  }
}
