// SPDX-License-Identifier: LGPL-3.0-or-later
private let grain = 1 << 15

/// Nearest-neighbour resampling as PyTorch has it: source = floor(target size ratio).
/// x: [N, H, W, C] -> [N, height, width, C]
public func resizeNearest(_ x: Tensor, height: Int, width: Int) -> Tensor {
  let (images, fromHeight, fromWidth, channels) = (x.dim(0), x.dim(1), x.dim(2), x.dim(3))
  let result = Tensor([images, height, width, channels], in: x.workspace)
  let columns = (0..<width).map { $0 * fromWidth / width }
  parallel(images * height, grain: max(1, grain / (width * channels))) { lines in
    for line in lines {
      let source = x.pointer + (line / height * fromHeight + line % height * fromHeight / height) * fromWidth * channels
      let destination = result.pointer + line * width * channels
      for column in 0..<width {
        (destination + column * channels).update(from: source + columns[column] * channels, count: channels)
      }
    }
  }
  return result
}

/// Resampling by area: a target pixel is the mean of what it covers, the pixels at its edges by their share.
///
/// OpenCV's INTER_AREA; PyTorch's `area` too where the sizes' ratio is a whole number.  The mean of ones is exactly 1.
/// x: [N, H, W, C] -> [N, height, width, C]
public func resizeArea(_ x: Tensor, height: Int, width: Int) -> Tensor {
  let (images, fromHeight, fromWidth, channels) = (x.dim(0), x.dim(1), x.dim(2), x.dim(3))
  let rows = coveredMeans(x.reshaped([images, fromHeight, fromWidth * channels]), to: height)
  let columns = coveredMeans(rows.reshaped([images * height, fromWidth, channels]), to: width)
  return columns.reshaped([images, height, width, channels])
}

/// [A, S, B] -> [A, target, B]
private func coveredMeans(_ x: Tensor, to target: Int) -> Tensor {
  let (size, inner) = (x.dim(1), x.dim(2))
  if size == target { return x }
  let result = Tensor([x.dim(0), target, inner], repeating: 0, in: x.workspace)
  parallel(x.dim(0) * target, grain: max(1, grain / inner)) { lines in
    for line in lines {
      // In steps of 1 / target of a source pixel, in which all edges are whole numbers.
      let start = line % target * size
      let end = start + size
      let destination = result.pointer + line * inner
      for source in start / target...(end - 1) / target {
        let share = Float(min((source + 1) * target, end) - max(source * target, start))
        let values = x.pointer + (line / target * size + source) * inner
        for index in 0..<inner { destination[index] += share * values[index] }
      }
      for index in 0..<inner { destination[index] /= Float(size) }
    }
  }
  return result
}
