// SPDX-License-Identifier: LGPL-3.0-or-later
private let grain = 1 << 15

extension Tensor {
  /// 1 where a value is at least `threshold`, else 0.
  public func atLeast(_ threshold: Float) -> Tensor {
    let result = Tensor(shape, in: workspace)
    parallel(count, grain: grain) { for index in $0 { result.pointer[index] = pointer[index] >= threshold ? 1 : 0 } }
    return result
  }

  /// The largest value of each cell of side x side pixels: [N, H, W, 1] -> [N, H / side, W / side, 1]
  public func maxPooled(_ side: Int) -> Tensor {
    let (width, height) = (dim(2) / side, dim(1) / side)
    precondition(dim(3) == 1 && dim(1) == height * side && dim(2) == width * side, "\(shape) in cells of \(side)")
    let result = Tensor([dim(0), height, width, 1], in: workspace)
    parallel(result.count, grain: max(1, grain / (side * side))) { cells in
      for cell in cells {
        let first = pointer + (cell / width * side * width + cell % width) * side
        var largest = first[0]
        for y in 0..<side { for x in 0..<side { largest = max(largest, first[y * width * side + x]) } }
        result.pointer[cell] = largest
      }
    }
    return result
  }

  /// self x mask + known (1 - mask) for each pixel, [N, H, W, C]; mask: [N, H, W, 1].  Where the mask is 1, `known` is
  /// not read, and where it is 0, self is not.
  public func keepInPlace(where mask: Tensor, of known: Tensor) {
    precondition(
      known.shape == shape && mask.shape == shape.dropLast() + [1], "\(shape) and \(known.shape) by \(mask.shape)")
    let channels = dim(3)
    parallel(mask.count, grain: max(1, grain / channels)) { pixels in
      for pixel in pixels where mask.pointer[pixel] != 1 {
        let share = mask.pointer[pixel]
        let (h, k) = (pointer + pixel * channels, known.pointer + pixel * channels)
        if share == 0 {
          h.update(from: k, count: channels)
        } else {
          for channel in 0..<channels { h[channel] = h[channel] * share + k[channel] * (1 - share) }
        }
      }
    }
  }
}
