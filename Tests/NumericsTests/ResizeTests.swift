// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Numerics

@Suite struct ResizeTests {
  let workspace = Workspace()

  @Test func areaIsTheMeanOfWhatAPixelCovers() {
    let x = Tensor([1, 1, 4, 1], [1, 2, 4, 8], in: workspace)
    let cases: [(width: Int, expected: [Float])] = [
      (1, [3.75]), (2, [1.5, 6]),
      (3, [(1 + 2 / 3.0) * 0.75, (2 * 2 / 3.0 + 4 * 2 / 3.0) * 0.75, (4 / 3.0 + 8) * 0.75]),
      (4, [1, 2, 4, 8]), (6, [1, 1.5, 2, 4, 6, 8]), (8, [1, 1, 2, 2, 4, 4, 8, 8]),
    ]
    for (width, expected) in cases {
      let result = resizeArea(x, height: 1, width: width).array
      #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "to \(width): \(result), expected \(expected)")
      #expect(resizeArea(x.reshaped([1, 4, 1, 1]), height: width, width: 1).array == result)
    }
  }

  /// As torch.nn.functional.interpolate does it in this mode.
  @Test func nearestIsThePixelAtTheSameShareOfTheSide() {
    let x = Tensor([2, 2, 3, 2], (0..<24).map(Float.init), in: workspace)
    let cases: [(height: Int, width: Int, rows: [Int], columns: [Int])] = [
      (2, 3, [0, 1], [0, 1, 2]), (4, 6, [0, 0, 1, 1], [0, 0, 1, 1, 2, 2]), (3, 5, [0, 0, 1], [0, 0, 1, 1, 2]), (1, 2, [0], [0, 1]),
    ]
    for (height, width, rows, columns) in cases {
      var expected: [Float] = []
      for image in 0..<2 {
        for row in rows {
          for column in columns {
            let place = Float(image * 12 + row * 6 + column * 2)
            expected += [place, place + 1]
          }
        }
      }
      #expect(resizeNearest(x, height: height, width: width).array == expected, "to \(height) x \(width)")
    }
  }

  /// A mask is full only where all of its pixels are.
  @Test func theMeanOfOnesIsOne() {
    for size in [7, 14, 49, 100, 333] {
      let ones = Tensor([1, size, size, 1], repeating: 1, in: workspace)
      for target in [1, 3, 7, 16] {
        #expect(resizeArea(ones, height: target, width: target).array.allSatisfy { $0 == 1 }, "\(size) to \(target)")
      }
    }
  }
}
