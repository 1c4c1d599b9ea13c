// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing

@testable import Imaging

/// What of an object's edge is told from its surroundings.
@Suite struct ObjectRimTests {
  private static let side = 96
  private static let middle: Float = 47.5
  private static let radius: Float = 20

  /// How far a pixel lies outside a disc.
  private func beyond(_ x: Int, _ y: Int) -> Float {
    hypotf(Float(x) - Self.middle, Float(y) - Self.middle) - Self.radius
  }

  private func picture(_ value: (Int, Int, Int) -> Float) -> Picture {
    var result = Picture(width: Self.side, height: Self.side, channels: 3)
    for index in result.values.indices {
      result.values[index] = value(index / 3 % Self.side, index / 3 / Self.side, index % 3)
    }
    return result
  }

  /// A red disc over what is behind it, whose edge falls off over `softness` pixels outside its radius.
  private func disc(softness: Float, over background: (Int, Int, Int) -> Float) -> Picture {
    picture { x, y, channel in
      let share = min(max(1 - beyond(x, y) / softness, 0), 1)
      return share * (channel == 0 ? 0.8 : 0.1) + (1 - share) * background(x, y, channel)
    }
  }

  private var hole: Picture {
    var hole = Picture(width: Self.side, height: Self.side)
    for index in hole.values.indices where beyond(index % Self.side, index / Self.side) <= 0 { hole.values[index] = 1 }
    return hole
  }

  /// The distances of the rim's pixels from the disc, and how many of the pixels nearer than `distance` are of the rim.
  private func rim(_ known: Picture, nearer distance: Float = 0) -> (distances: [Float], share: Double) {
    let rim = ObjectRim.around(hole, in: known)
    let all = rim.values.indices.map { ($0, beyond($0 % Self.side, $0 / Self.side)) }.filter { $0.1 > 0 }
    let near = all.filter { $0.1 < distance }
    return (
      all.filter { rim.values[$0.0] == 1 }.map(\.1),
      Double(near.filter { rim.values[$0.0] == 1 }.count) / Double(max(near.count, 1)))
  }

  private static let backgrounds: [@Sendable (Int, Int, Int) -> Float] = [
    { _, _, _ in 0.5 },
    { x, y, channel in 0.4 + 0.3 * Float(channel == 0 ? x : y) / Float(side) },  // a slope
    { x, y, _ in 0.5 + ((x + y) % 2 == 0 ? 0.1 : -0.1) },
    { x, y, channel in 0.45 + 0.08 * Float((x * 31 + y * 17 + x * y * 7 + channel) % 11) / 11 },  // noise
    { x, y, _ in x > 50 ? 0.25 : 0.75 },
    { x, y, channel in 0.5 + 0.2 * sinf(Float(x) * 0.7 + Float(y) * 0.3) * (channel == 2 ? -1 : 1) },
  ]

  @Test(arguments: backgrounds.indices, [2, 3, 5] as [Float]) func aSoftEdgeIsFound(_ background: Int, softness: Float) {
    let found = rim(disc(softness: softness, over: Self.backgrounds[background]), nearer: 0.7 * softness)
    #expect(found.share > 0.95)
    #expect(found.distances.max() ?? 0 <= softness + 2)
  }

  @Test(arguments: backgrounds.indices) func whatGoesOnFurtherOutIsNoRim(_ background: Int) {
    #expect(rim(picture(Self.backgrounds[background])).distances.isEmpty)
  }

  @Test func anEdgeThatCrossesTheHoleIsNoRim() {
    let lines = picture { x, y, _ in abs(x - y) < 2 || abs(y - 40) < 1 ? 0.1 : 0.6 }
    #expect(rim(lines).distances.isEmpty)
  }

  @Test func anObjectThatGoesOnBeyondTheMaskIsNoRim() {
    // A bar of the disc's colour.
    let known = disc(softness: 3) { x, y, channel in abs(y - 47) < 8 ? (channel == 0 ? 0.8 : 0.1) : 0.5 }
    let found = ObjectRim.around(hole, in: known)
    #expect((69..<80).allSatisfy { found.values[47 * Self.side + $0] == 0 })
  }

  @Test func whatTheHoleHidesDoesNotCount() {
    let hole = hole
    let known = disc(softness: 3, over: Self.backgrounds[1])
    let other = picture { x, y, channel in
      hole.values[y * Self.side + x] == 1 ? Float(x % 2) : known.values[(y * Self.side + x) * 3 + channel]
    }
    #expect(ObjectRim.around(hole, in: other) == ObjectRim.around(hole, in: known))
  }

  @Test func apartFromTheHoleNothingIsRim() {
    // A ring that the surroundings' colour parts from the hole.
    let ring = picture { x, y, _ in (2.5..<4.5).contains(beyond(x, y)) ? 0.9 : 0.5 }
    #expect(rim(ring).distances.isEmpty)
  }

  @Test(arguments: [(1, 1), (1, 7), (5, 1), (9, 8)]) func whereNothingLiesFurtherOutThereIsNone(_ size: (Int, Int)) {
    var hole = Picture(width: size.0, height: size.1)
    hole.values[hole.values.count / 2] = 1
    var known = Picture(width: size.0, height: size.1, channels: 3)
    for index in known.values.indices { known.values[index] = Float(index % 3) / 2 }
    for hole in [hole, Picture(width: size.0, height: size.1), Picture(width: size.0, height: size.1, filledWith: 1)] {
      #expect(ObjectRim.around(hole, in: known).values.allSatisfy { $0 == 0 })
    }
  }
}
