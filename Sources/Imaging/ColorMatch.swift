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
}
