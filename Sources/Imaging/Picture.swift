// SPDX-License-Identifier: LGPL-3.0-or-later
/// Pixels in rows without gaps, channels side by side.
package struct Picture: Equatable, Sendable {
  package let width: Int
  package let height: Int
  package let channels: Int
  package var values: [Float]

  package init(width: Int, height: Int, channels: Int = 1, values: [Float]) {
    precondition(values.count == width * height * channels, "\(values.count) values, \(width) x \(height) x \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }

  package init(width: Int, height: Int, channels: Int = 1, filledWith value: Float = 0) {
    self.init(
      width: width, height: height, channels: channels,
      values: [Float](repeating: value, count: width * height * channels))
  }
}
