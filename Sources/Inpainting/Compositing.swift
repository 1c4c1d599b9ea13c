/// Lays the fill over the image's own pixels.
enum Compositing {
  /// pixels: the paint rectangle in the image's space, 3 or 4 channels with straight alpha; fill: R'G'B' in the same
  /// space; weight: 0 ... 1.  Pixels of weight 0 stay as they are, bit for bit.
  ///
  /// With `fillsAlpha` (the mask came from the alpha) alpha rises to 1 by the weight, and what lies under transparent
  /// pixels counts as little as it shows.
  static func composite(
    _ fill: Picture, weight: Picture, fillsAlpha: Bool, into pixels: UnsafeMutablePointer<Float>, channels: Int
  ) {
    for index in weight.values.indices where weight.values[index] > 0 {
      let share = min(weight.values[index], 1)
      let pixel = pixels + index * channels
      var colour = share
      if fillsAlpha && channels == 4 {
        let alpha = min(max(pixel[3], 0), 1)
        let total = share + (1 - share) * alpha
        colour = total > 0 ? share / total : 1
        pixel[3] = share == 1 ? 1 : total
      }
      for channel in 0..<3 {
        let value = fill.values[index * 3 + channel]
        // At full weight the fill itself: what lay there may not be a number.
        pixel[channel] = colour == 1 ? value : pixel[channel] + colour * (value - pixel[channel])
      }
    }
  }
}
