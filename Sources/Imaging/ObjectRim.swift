// SPDX-License-Identifier: LGPL-3.0-or-later
/// What is left of an object around a hole that was cut along its edge: there its colours are mixed with those behind it.
///
/// A pixel is of the rim where it agrees with none of the pixels further out, which the surroundings' own pixels do, where
/// nothing but rim lies between it and the hole, and where the same is true along most of the hole's edge about it: what
/// ends at a hole now and then, as a line does, is the surroundings' own.
package enum ObjectRim {
  /// How wide a rim may be, and how much beyond that is compared with it, in pixels.
  package static let width = 6
  private static let surroundings = 8
  /// Up to which distance from the hole pixels are looked at.
  package static let reach = width + surroundings
  /// How far colours may be apart that agree, in each channel of R'G'B': fifteen steps of 255.
  private static let tolerance: Float = 0.06

  /// hole: 1 or 0; known: R'G'B' of its size.  Gives 1 where the rim is, else 0; all 0 where nothing lies further out.
  package static func around(_ hole: Picture, in known: Picture) -> Picture {
    let (width, height) = (hole.width, hole.height)
    let bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    let distances = DistanceField(to: hole, in: bounds).squared
    let offsets = offsets(within: reach)
    var isRim = Picture(width: width, height: height)

    func agrees(_ x: Int, _ y: Int) -> Bool {
      let pixel = (y * width + x) * 3
      var hasSurroundings = false
      for (dx, dy) in offsets where bounds.contains(x + dx, y + dy) {
        let other = (y + dy) * width + x + dx
        guard distances[other] > Float(Self.width * Self.width) else { continue }
        hasSurroundings = true
        let isAlike = (0..<3).allSatisfy { abs(known.values[pixel + $0] - known.values[other * 3 + $0]) <= tolerance }
        if isAlike { return true }
      }
      return !hasSurroundings
    }

    let edge = distances.indices.filter { distances[$0] > 0 && distances[$0] <= 2 }
    var (isEdge, isOdd) = (hole.mapped { _ in 0 }, hole.mapped { _ in 0 })
    for pixel in edge {
      isEdge.values[pixel] = 1
      isOdd.values[pixel] = agrees(pixel % width, pixel / width) ? 0 : 1
    }
    func isMostlyOdd(_ pixel: Int) -> Bool {
      var share = Float(0)
      for (dx, dy) in offsets where bounds.contains(pixel % width + dx, pixel / width + dy) {
        let other = pixel + dy * width + dx
        share += isOdd.values[other] - isEdge.values[other] / 2
      }
      return share > 0
    }
    // From there outward, as far as pixels disagree.
    var border = edge.filter { isOdd.values[$0] == 1 && isMostlyOdd($0) }
    for pixel in border { isRim.values[pixel] = 1 }
    var wasAsked = zip(hole.values, isEdge.values).map(+)
    while let from = border.popLast() {
      for (dx, dy) in neighbours where bounds.contains(from % width + dx, from / width + dy) {
        let pixel = from + dy * width + dx
        guard wasAsked[pixel] == 0, distances[pixel] <= Float(Self.width * Self.width) else { continue }
        wasAsked[pixel] = 1
        guard !agrees(pixel % width, pixel / width) else { continue }
        isRim.values[pixel] = 1
        border.append(pixel)
      }
    }
    // Its foot differs by less than the tolerance.
    let wider = isRim.dilated(by: 1)
    return Picture(width: width, height: height, values: zip(wider.values, hole.values).map { $0 * (1 - $1) })
  }

  private static let neighbours = offsets(within: 1)

  /// Of the pixels in a disc of this radius, of 1 in a square; from the nearest on, without the middle.
  private static func offsets(within radius: Int) -> [(Int, Int)] {
    let side = -radius...radius
    return side.flatMap { y in side.map { (y * y + $0 * $0, $0, y) } }
      .filter { $0.0 > 0 && $0.0 <= max(radius * radius, 2) }
      .sorted { $0 < $1 }
      .map { ($0.1, $0.2) }
  }
}
