// SPDX-License-Identifier: LGPL-3.0-or-later
/// Takes the shift between the decoded and the known pixels at a hole's border out of the fill.
///
/// The model paints `margin` pixels more than the hole, so that just outside of it both are there: what was known, and
/// the fill.  Their difference is the seam.  Carried smoothly into the hole and added, it leaves none, as seamless
/// cloning does (Perez et al. 2003).  Without the margin that would be seen only where the hole cuts cells of the
/// latents.  Known pixels are only read.
package enum ColorMatch {
  /// Half a cell of the latents, at working size.
  package static let margin = 4
  /// How much a pixel decides further around, where the fill fades out: single ones also differ by the texture that the
  /// autoencoder loses, which the mean over some 4 x 4 of them is free of.
  private static let weightAround: Float = 1 / 16

  /// decoded, known: R'G'B' of one size; hole: 1 or 0.  Gives `decoded` with the shift added, or as it is where nothing
  /// is known around the hole.
  package static func applied(to decoded: Picture, known: Picture, hole: Picture) -> Picture {
    let reach = hole.dilated(by: 1)  // and the pixels at its border
    var differences = Picture(width: decoded.width, height: decoded.height, channels: 4)
    for index in hole.values.indices {
      for channel in 0..<3 {
        differences.values[index * 4 + channel] =
          known.values[index * 3 + channel] - decoded.values[index * 3 + channel]
      }
      differences.values[index * 4 + 3] = hole.values[index] == 1 ? 0 : reach.values[index]
    }
    guard let inside = differences.spread() else { return decoded }
    for index in hole.values.indices where hole.values[index] == 0 && reach.values[index] == 0 {
      differences.values[index * 4 + 3] = weightAround
    }
    guard let around = differences.spread() else { return decoded }
    var result = decoded
    for index in hole.values.indices {
      let shift = hole.values[index] == 1 ? inside : around
      for channel in 0..<3 { result.values[index * 3 + channel] += shift.values[index * 4 + channel] }
    }
    return result
  }

  /// The same of a picture in which the hole alone was painted: what differs is the means of the pixels on both sides of its
  /// border.  It makes lines and gradients meet, too.
  ///
  /// picture: R'G'B' 0 ... 1; hole: 1 or 0, of its size.
  package static func joined(_ picture: Picture, in hole: Picture) -> Picture {
    var differences = Picture(width: picture.width, height: picture.height, channels: 4)
    for y in 0..<hole.height {
      for x in 0..<hole.width where hole.values[y * hole.width + x] == 1 {
        guard let difference = difference(picture, hole, x, y) else { continue }
        for channel in 0..<3 { differences.values[(y * hole.width + x) * 4 + channel] = difference[channel] }
        differences.values[(y * hole.width + x) * 4 + 3] = 1
      }
    }
    guard let shift = differences.spread() else { return picture }
    var result = picture
    for index in hole.values.indices where hole.values[index] == 1 {
      for channel in 0..<3 {
        let value = picture.values[index * 3 + channel] + shift.values[index * 4 + channel]
        result.values[index * 3 + channel] = min(max(value, 0), 1)
      }
    }
    return result
  }

  /// Of what is known among 3 x 3 pixels and of what is hole, in R'G'B'; nil where all is hole.
  private static func difference(_ picture: Picture, _ hole: Picture, _ x: Int, _ y: Int) -> SIMD3<Float>? {
    var sums = (known: SIMD4<Float>(), hole: SIMD4<Float>())  // and how many
    for v in max(y - 1, 0)...min(y + 1, hole.height - 1) {
      for u in max(x - 1, 0)...min(x + 1, hole.width - 1) {
        let index = v * hole.width + u
        let pixel = SIMD4(picture.values[index * 3], picture.values[index * 3 + 1], picture.values[index * 3 + 2], 1)
        if hole.values[index] == 1 { sums.hole += pixel } else { sums.known += pixel }
      }
    }
    guard sums.known.w > 0 else { return nil }
    let difference = sums.known / sums.known.w - sums.hole / sums.hole.w
    return SIMD3(difference.x, difference.y, difference.z)
  }
}
