// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// Lets a fill's detail come from the known pixels around it.
///
/// What the fill says of colours and coarse shapes stays the guide; the pixels become means of overlapping patches of the
/// known picture that look like it and like each other: from coarse to fine, and at each size in iterations of search and vote
/// (Wexler et al. 2007), by matches of PatchMatch.  Patches are compared by the picture as it is so far and by the fill's
/// coarse shapes, so that the texture of a thing is looked for where its colours are.
package enum DetailMatch {
  // With these values 48 fills of the mini pack, of photographs that it was trained on, came nearest to those; 2 to 5
  // sizes, 1 to 4 of the guide's halvings, 3 to 10 iterations and patches of 3 to 7 pixels were tried.
  /// How many sizes are gone through, the last the model's own, before a fill is enlarged.
  private static let sizes = 3
  /// Halvings that leave a fill's coarse shapes.
  private static let guideHalvings = 3
  /// How many of the search each iteration has, the first at the first size only.
  private static let sweepsOfIterations = [4, 2, 2, 2, 2, 2]
  /// Patches of the last iteration count near their middles, which blurs less.
  private static let lastDeviation: Float = 0.7

  /// Halvings that leave mean colours, and how far those of a fill and of the patches may be apart in R'G'B'.
  private static let tintHalvings = 4
  private static let ordinaryDifference: Float = 0.05
  /// At least so many pixels around are looked at.
  private static let leastSurroundings = 128

  /// What is looked at of a region: where it may change, and as much around.
  package static func area(around paint: Rectangle, in region: Rectangle) -> Rectangle {
    paint.expanded(by: max(paint.longerSide, leastSurroundings)).intersection(region)
  }

  /// Floats for each pixel of the area at once; 30 were seen.
  package static let floatsPerPixel = 40

  /// fill, known: R'G'B' 0 ... 1 of one size, `scale` times that at which the model painted; hole: 1 or 0.  Gives the known
  /// picture with other pixels in the hole; around it in the colours that the fill has at its border, to be blended.  nil
  /// where too little is known for a patch.  progress: 0 ... 1; what it throws stops it.
  package static func applied(
    to fill: Picture, known: Picture, hole: Picture, scale: Double, seed: UInt64, progress: (Double) throws -> Void
  ) rethrows -> Picture? {
    let enlargements = max(0, Int(log2(scale).rounded()))
    var levels = [(picture: known.with(fill, in: hole), hole: hole)]
    for _ in 0..<sizes - 1 + enlargements {
      let half = levels[0].picture.shrunk(halvings: 1)
      levels.insert((half, levels[0].hole.resizedHole(width: half.width, height: half.height)), at: 0)
    }
    let work = levels.reduce(0) { $0 + $1.hole.values.count } * sweepsOfIterations.reduce(0, +)
    var (result, field, done) = (levels[0].picture, PatchField?.none, 0)
    for (level, (picture, hole)) in levels.enumerated() {
      let coarser = field
      field = PatchField(around: hole, from: coarser, seed: seed &+ UInt64(level) &* 0x9E37_79B9_7F4A_7C15)
      guard field != nil else {
        result = picture
        continue
      }
      // A size begins with the patches at the coarser one's matches.  Its result, enlarged, is blurred: it would match blur.
      result = coarser == nil
        ? picture.with(result.resized(width: picture.width, height: picture.height), in: hole)
        : field!.voted(picture, in: hole, deviation: .infinity)
      let guide = picture.blurred(halvings: guideHalvings)
      for (iteration, sweeps) in sweepsOfIterations.enumerated() where coarser == nil || iteration > 0 {
        // The fill is as soft, and at the first size it is all there is: both sides are blurred there.
        let features = features(iteration == 0 ? result.blurred(halvings: 1) : result, guide)
        for sweep in 0..<sweeps {
          try progress(Double(done) / Double(work))
          field!.sweep(features, number: sweep)
          done += hole.values.count
        }
        let isLast = level == levels.count - 1 && iteration == sweepsOfIterations.count - 1
        result = field!.voted(result, in: hole, deviation: isLast ? lastDeviation : .infinity)
      }
    }
    return field == nil ? nil : tinted(result, like: fill, in: hole, halvings: tintHalvings + enlargements)
  }

  /// Adds what the fill has in the hole of colours that no patch has: a prompt may ask for them.
  private static func tinted(_ picture: Picture, like fill: Picture, in hole: Picture, halvings: Int) -> Picture {
    var differences = Picture(width: hole.width, height: hole.height, channels: 4)
    for pixel in hole.values.indices where hole.values[pixel] == 1 {
      for channel in 0..<3 {
        differences.values[pixel * 4 + channel] = fill.values[pixel * 3 + channel] - picture.values[pixel * 3 + channel]
      }
      differences.values[pixel * 4 + 3] = 1
    }
    var means = differences.shrunk(halvings: halvings)
    for cell in 0..<means.width * means.height where means.values[cell * 4 + 3] > 0 {
      for channel in 0..<3 { means.values[cell * 4 + channel] /= means.values[cell * 4 + 3] }
      means.values[cell * 4 + 3] = 1
    }
    guard let tints = means.spread()?.resized(width: hole.width, height: hole.height).values else { return picture }
    var result = picture
    for pixel in hole.values.indices {
      let tint = SIMD3(tints[pixel * 4], tints[pixel * 4 + 1], tints[pixel * 4 + 2])
      let length = (tint * tint).sum().squareRoot()
      guard length > ordinaryDifference else { continue }
      for channel in 0..<3 {
        let value = picture.values[pixel * 3 + channel] + tint[channel] * (1 - ordinaryDifference / length)
        result.values[pixel * 3 + channel] = min(max(value, 0), 1)
      }
    }
    return result
  }

  private static func features(_ picture: Picture, _ guide: Picture) -> [SIMD8<Float>] {
    let (p, g) = (picture.values, guide.values)
    return (0..<picture.width * picture.height).map { pixel in
      SIMD8(p[pixel * 3], p[pixel * 3 + 1], p[pixel * 3 + 2], 0, g[pixel * 3], g[pixel * 3 + 1], g[pixel * 3 + 2], 0)
    }
  }
}

extension Picture {
  /// Where `hole` is 1 another picture of the same size.
  package func with(_ other: Picture, in hole: Picture) -> Picture {
    var result = self
    for pixel in hole.values.indices where hole.values[pixel] == 1 {
      for channel in 0..<channels { result.values[pixel * channels + channel] = other.values[pixel * channels + channel] }
    }
    return result
  }

  fileprivate func shrunk(halvings: Int) -> Picture {
    let size = 1 << halvings
    return averaged(width: (width + size - 1) / size, height: (height + size - 1) / size)
  }

  fileprivate func blurred(halvings: Int) -> Picture { shrunk(halvings: halvings).resized(width: width, height: height) }
}
