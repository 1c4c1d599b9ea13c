// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import TestSupport
import Testing

@testable import Numerics

@Suite struct FourierTests {
  let workspace = Workspace()

  static let sizes = [(1, 1), (1, 2), (2, 1), (3, 5), (4, 6), (7, 8), (9, 13), (16, 10), (11, 31)]

  /// Against the definition, in double.
  @Test(arguments: sizes) func spectraAreTheDefinitions(height: Int, width: Int) {
    let (images, channels, columns) = (2, 4, width / 2 + 1)
    let values = seededValues(images * height * width * channels)
    var expected: [Float] = []
    for image in 0..<images {
      for v in 0..<height {
        for u in 0..<columns {
          var sums = [Double](repeating: 0, count: 2 * channels)
          for y in 0..<height {
            for x in 0..<width {
              let angle = 2 * Double.pi * (Double(u * x) / Double(width) + Double(v * y) / Double(height))
              for c in 0..<channels {
                let value = Double(values[((image * height + y) * width + x) * channels + c])
                sums[c] += value * cos(angle)
                sums[channels + c] -= value * sin(angle)
              }
            }
          }
          expected += sums.map { Float($0 / Double(height * width).squareRoot()) }
        }
      }
    }
    let picture = Tensor([images, height, width, channels], values, in: workspace)
    let spectrum = picture.spectrum()
    #expect(spectrum.shape == [images, height, columns, 2 * channels])
    #expect(mismatch(spectrum.array, expected, absolute: 1e-5, relative: 1e-5, "\(height) x \(width)") == nil)
    #expect(picture.array == values)
    #expect(mismatch(spectrum.picture(width: width).array, values, absolute: 1e-5, relative: 1e-5, "back") == nil)
  }

  /// A column of frequencies that are their own mirror images may hold what no picture has: it is passed over.
  @Test(arguments: [(5, 6), (4, 4), (6, 3)]) func whatNoPictureHasIsPassedOver(height: Int, width: Int) {
    let columns = width / 2 + 1
    let spectrum = Tensor([1, height, columns, 8], seededValues(height * columns * 8), in: workspace)
    let picture = spectrum.picture(width: width)
    let again = picture.spectrum().picture(width: width)
    #expect(mismatch(again.array, picture.array, absolute: 1e-5, relative: 1e-5, "\(height) x \(width)") == nil)
    // The mean is the real part of the lowest frequency.
    let mean = picture.channels(0..<1).array.reduce(0, +) / Float(height * width).squareRoot()
    #expect(abs(mean - spectrum.array[0]) < 1e-4)
  }
}
