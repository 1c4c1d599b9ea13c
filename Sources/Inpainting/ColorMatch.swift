/// Takes the shift between the decoded and the known pixels at a hole's border out of the fill.
///
/// The model paints `margin` pixels more than the hole, so that just outside of it both are there: what was known, and
/// the fill.  Their difference is the seam.  Carried smoothly into the hole and added, it leaves none, as seamless
/// cloning does (Perez et al. 2003).  Without the margin that would be seen only where the hole cuts cells of the
/// latents.  Known pixels are only read.
struct ColorMatch {
  /// Half a cell of the latents, at working size.
  static let margin = 4
  /// How much a pixel decides further around, where the fill fades out: single ones also differ by the texture that the
  /// autoencoder loses, which the mean over some 4 x 4 of them is free of.
  private static let weightAround: Float = 1 / 16

  /// decoded, known: R'G'B' of one size; hole: 1 or 0.  Gives `decoded` with the shift added, or as it is where nothing
  /// is known around the hole.
  static func applied(to decoded: Picture, known: Picture, hole: Picture) -> Picture {
    let reach = HoleMask(hole, grow: 1, feather: 0).hole  // and the pixels at its border
    var differences = Picture(width: decoded.width, height: decoded.height, channels: 4)
    for index in hole.values.indices {
      for channel in 0..<3 {
        differences.values[index * 4 + channel] =
          known.values[index * 3 + channel] - decoded.values[index * 3 + channel]
      }
      differences.values[index * 4 + 3] = hole.values[index] == 1 ? 0 : reach.values[index]
    }
    guard let inside = pullPush(differences) else { return decoded }
    for index in hole.values.indices where hole.values[index] == 0 && reach.values[index] == 0 {
      differences.values[index * 4 + 3] = weightAround
    }
    guard let around = pullPush(differences) else { return decoded }
    var result = decoded
    for index in hole.values.indices {
      let shift = hole.values[index] == 1 ? inside : around
      for channel in 0..<3 { result.values[index * 3 + channel] += shift.values[index * 4 + channel] }
    }
    return result
  }

  /// Spreads the pixels whose last channel, the weight, is above 0 over all others: means on ever coarser grids, read
  /// back smoothly as far as a finer one knows little (Gortler et al. 1996, section 3.4).  nil without any.
  private static func pullPush(_ picture: Picture) -> Picture? {
    if picture.width <= 1 && picture.height <= 1 { return picture.values[3] > 0 ? picture : nil }
    let (width, height) = ((picture.width + 1) / 2, (picture.height + 1) / 2)
    var coarse = Picture(width: width, height: height, channels: 4)
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let (source, target) = ((y * picture.width + x) * 4, (y / 2 * width + x / 2) * 4)
        let weight = picture.values[source + 3]
        for channel in 0..<3 { coarse.values[target + channel] += weight * picture.values[source + channel] }
        coarse.values[target + 3] += weight
      }
    }
    for cell in 0..<width * height where coarse.values[cell * 4 + 3] > 0 {
      for channel in 0..<3 { coarse.values[cell * 4 + channel] /= coarse.values[cell * 4 + 3] }
      coarse.values[cell * 4 + 3] = min(coarse.values[cell * 4 + 3], 1)
    }
    guard let filled = pullPush(coarse) else { return nil }
    let background = filled.resized(width: picture.width, height: picture.height)
    var result = picture
    for pixel in 0..<picture.width * picture.height {
      let weight = picture.values[pixel * 4 + 3]
      for channel in 0..<3 {
        let index = pixel * 4 + channel
        result.values[index] = weight * picture.values[index] + (1 - weight) * background.values[index]
      }
      result.values[pixel * 4 + 3] = 1
    }
    return result
  }
}
