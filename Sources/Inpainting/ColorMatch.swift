/// Takes the shift between the decoded and the known pixels at a hole's border out of the fill.
///
/// Just outside the hole both are there: what was known, and what the decoder made of it.  Their difference is the seam.
/// Carried smoothly into the hole and added, it leaves none, as seamless cloning does (Perez et al. 2003).  Cells of the
/// latents that the hole covers in part are the reason to take the border alone: there the network saw a mixture of
/// picture and hole, and gives another colour than the known pixels beside it have.  Known pixels are only read.
struct ColorMatch {
  /// decoded, known: R'G'B' of one size; hole: 1 or 0.  Gives `decoded` with the shift added, or as it is where nothing
  /// is known around the hole.
  static func applied(to decoded: Picture, known: Picture, hole: Picture) -> Picture {
    let reach = HoleMask(hole, grow: 1, feather: 0).hole  // and the pixels at its border
    var differences = Picture(width: hole.width, height: hole.height, channels: 4)
    for index in hole.values.indices where hole.values[index] == 0 && reach.values[index] == 1 {
      for channel in 0..<3 {
        differences.values[index * 4 + channel] =
          known.values[index * 3 + channel] - decoded.values[index * 3 + channel]
      }
      differences.values[index * 4 + 3] = 1
    }
    guard let shift = pullPush(differences) else { return decoded }
    var result = decoded
    for index in hole.values.indices {
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
