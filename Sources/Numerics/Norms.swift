// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

extension Features {
  /// Group normalisation (Wu and He 2018) of features [N, ..., C]: each group of channels to mean 0 and variance 1
  /// (+ epsilon), then scale and shift, [C] each, then SiLU if `silu`.  The layer that reads the result normalises as it
  /// reads.
  package func groupNormalized(groups: Int, scale: [Float], shift: [Float], epsilon: Float, silu: Bool) -> Features {
    precondition(
      channels == scale.count && normalization == nil, "group norm of \(scale.count) channels got \(channels)")
    var result = self
    result.normalization = Normalization(
      factors: workspace.measured(.norm) { normFactors(groups: groups, scale: scale, shift: shift, epsilon: epsilon) },
      silu: silu)
    return result
  }

  /// One scale and one shift for each channel of each image: [2, N, C].
  private func normFactors(groups: Int, scale: [Float], shift: [Float], epsilon: Float) -> Tensor {
    let width = channels / groups
    let parts = [first, second].compactMap { $0 }.map(ChannelMoments.init)
    let factors = Tensor([2, images, channels], in: workspace)
    for image in 0..<images {
      let moments = parts.flatMap { $0.moments(image: image) }
      let scales = factors.pointer + image * channels
      let shifts = scales + images * channels
      for group in 0..<groups {
        let members = group * width..<(group + 1) * width
        let all = moments[members].reduce(Moments()) { $0.joined(with: $1) }
        let deviation = (all.squares / all.count + Double(epsilon)).squareRoot()
        for channel in members {
          let factor = Double(scale[channel]) / deviation
          scales[channel] = Float(factor)
          shifts[channel] = Float(Double(shift[channel]) - all.mean * factor)
        }
      }
    }
    return factors
  }
}

/// Count, mean, and sum of squared differences from the mean of some values.
private struct Moments {
  var count = 0.0
  var mean = 0.0
  var squares = 0.0

  /// Of both sets together (Chan et al. 1979).
  func joined(with other: Moments) -> Moments {
    guard other.count > 0 else { return self }
    let total = count + other.count
    let difference = other.mean - mean
    return Moments(
      count: total, mean: mean + difference * other.count / total,
      squares: squares + other.squares + difference * difference * count * other.count / total)
  }
}

/// The moments of each channel of each image, from those of blocks of rows that stay in the cache between the mean and
/// the differences from it.
private struct ChannelMoments {
  private let blocks: Tensor  // [N, blocks, means | squares, C]
  private let rows: Int
  private let rowsPerBlock: Int

  init(_ x: Tensor) {
    let (images, channels) = (x.dim(0), x.dim(-1))
    let rows = x.count / images / channels
    let rowsPerBlock = max(1, min(rows, 65536 / channels, 1024))
    let count = (rows + rowsPerBlock - 1) / rowsPerBlock
    let blocks = Tensor([images, count, 2, channels], in: x.workspace)
    parallelFor(images * count) { index in
      let first = index % count * rowsPerBlock
      let means = blocks.pointer + index * 2 * channels
      kernels.channel_moments(
        x.pointer + (index / count * rows + first) * channels, Int64(min(rowsPerBlock, rows - first)), Int64(channels),
        means, means + channels)
    }
    (self.blocks, self.rows, self.rowsPerBlock) = (blocks, rows, rowsPerBlock)
  }

  func moments(image: Int) -> [Moments] {
    let (count, channels) = (blocks.dim(1), blocks.dim(3))
    var result = [Moments](repeating: Moments(), count: channels)
    for block in 0..<count {
      let means = blocks.pointer + (image * count + block) * 2 * channels
      let added = Double(min(rowsPerBlock, rows - block * rowsPerBlock))
      for channel in 0..<channels {
        result[channel] = result[channel].joined(
          with: Moments(count: added, mean: Double(means[channel]), squares: Double(means[channels + channel])))
      }
    }
    return result
  }
}

extension Tensor {
  /// Layer normalisation (Ba et al. 2016): the last dimension to mean 0 and variance 1 (+ epsilon), then scale and shift.
  package func layerNormalized(scale: [Float], shift: [Float], epsilon: Float) -> Tensor {
    let channels = scale.count
    precondition(dim(-1) == channels, "layer norm of \(channels) channels got \(shape)")
    let result = Tensor(shape, in: workspace)
    workspace.measured(.norm) {
      parallel(count / channels, grain: max(1, 65536 / channels)) { rows in
        kernels.layer_norm(
          pointer + rows.lowerBound * channels, result.pointer + rows.lowerBound * channels, scale, shift,
          Int64(rows.count), Int64(channels), epsilon)
      }
    }
    return result
  }

  /// Root mean square normalisation (Zhang and Sennrich 2019) of every head's channels with the same scale:
  /// x scale / sqrt(mean(x^2) + epsilon).  [..., heads x d] -> the same shape
  package func headsNormalized(scale: [Float], epsilon: Float) -> Tensor {
    let width = scale.count
    precondition(dim(-1) % width == 0, "norm of heads of \(width) channels got \(shape)")
    let result = Tensor(shape, in: workspace)
    parallel(count / width, grain: max(1, 65536 / width)) { heads in
      for head in heads {
        let (from, to) = (pointer + head * width, result.pointer + head * width)
        var squares: Float = 0
        for channel in 0..<width { squares += from[channel] * from[channel] }
        let factor = 1 / (squares / Float(width) + epsilon).squareRoot()
        for channel in 0..<width { to[channel] = from[channel] * factor * scale[channel] }
      }
    }
    return result
  }
}
