// SPDX-License-Identifier: LGPL-3.0-or-later
/// Lays a fill over a picture's own pixels.
package enum Compositing {
  /// fill: R'G'B' in the pixels' space, `count` x 3; weight: `count`, 0 ... 1; pixels: `count` x `channels`, 3 or 4 with
  /// straight alpha.  Pixels of weight 0 stay as they are, bit for bit.
  ///
  /// With `fillsAlpha` (the mask came from the alpha) alpha rises to 1 by the weight, and what lies under transparent
  /// pixels counts as little as it shows.
  package static func composite(
    _ fill: UnsafePointer<Float>, weight: UnsafePointer<Float>, count: Int, fillsAlpha: Bool,
    into pixels: UnsafeMutablePointer<Float>, channels: Int
  ) {
    for index in 0..<count where weight[index] > 0 {
      let share = min(weight[index], 1)
      let pixel = pixels + index * channels
      var colour = share
      if fillsAlpha && channels == 4 {
        let alpha = min(max(pixel[3], 0), 1)
        let total = share + (1 - share) * alpha
        colour = total > 0 ? share / total : 1
        pixel[3] = share == 1 ? 1 : total
      }
      for channel in 0..<3 {
        let value = fill[index * 3 + channel]
        // At full weight the fill itself: what lay there may not be a number.
        pixel[channel] = colour == 1 ? value : pixel[channel] + colour * (value - pixel[channel])
      }
    }
  }
}
