import CKernels
import Checkpoints

/// Group normalisation (Wu and He 2018) of features [N, ..., C].  The layer that reads the result normalises as it reads.
public struct GroupNorm {
  let groups: Int
  let scale: [Float]
  let shift: [Float]
  let epsilon: Float

  /// Reads `weight` and `bias`, [channels] each.  `groups` must divide `channels`.
  public init(_ builder: ModelBuilder, channels: Int, groups: Int, epsilon: Float) throws {
    guard groups > 0, channels % groups == 0 else {
      throw CheckpointError("\(builder.weights.path): \(channels) channels cannot be normalised in \(groups) groups")
    }
    self.groups = groups
    self.epsilon = epsilon
    scale = try builder.vector("weight", count: channels)
    shift = try builder.vector("bias", count: channels)
  }

  /// With `silu`, x sigmoid(x) of the normalised values.
  public func callAsFunction(_ x: Features, silu: Bool = false) -> Features {
    precondition(
      x.channels == scale.count && x.normalization == nil, "group norm of \(scale.count) channels got \(x.channels)")
    var result = x
    result.normalization = Features.Normalization(
      factors: x.workspace.measured(.norm) { factors(of: x) }, silu: silu)
    return result
  }

  public func callAsFunction(_ x: Tensor, silu: Bool = false) -> Features { self(Features(x), silu: silu) }

  /// One scale and one shift for each channel of each image: [2, N, C].
  private func factors(of x: Features) -> Tensor {
    let (channels, width) = (scale.count, scale.count / groups)
    let parts = [x.first, x.second].compactMap { $0 }.map(ChannelMoments.init)
    let factors = Tensor([2, x.images, channels], in: x.workspace)
    for image in 0..<x.images {
      let moments = parts.flatMap { $0.moments(image: image) }
      let scales = factors.pointer + image * channels
      let shifts = scales + x.images * channels
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

/// Layer normalisation over the last dimension (Ba et al. 2016).
public struct LayerNorm {
  let scale: [Float]
  let shift: [Float]
  let epsilon: Float

  /// Reads `weight` and `bias`, [channels] each.
  public init(_ builder: ModelBuilder, channels: Int, epsilon: Float) throws {
    self.epsilon = epsilon
    scale = try builder.vector("weight", count: channels)
    shift = try builder.vector("bias", count: channels)
  }

  /// Without parameters: mean 0 and variance 1.
  public init(channels: Int, epsilon: Float) {
    self.epsilon = epsilon
    scale = [Float](repeating: 1, count: channels)
    shift = [Float](repeating: 0, count: channels)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let channels = scale.count
    precondition(x.dim(-1) == channels, "layer norm of \(channels) channels got \(x.shape)")
    let result = Tensor(x.shape, in: x.workspace)
    x.workspace.measured(.norm) {
      parallel(x.count / channels, grain: max(1, 65536 / channels)) { rows in
        kernels.layer_norm(
          x.pointer + rows.lowerBound * channels, result.pointer + rows.lowerBound * channels, scale, shift,
          Int64(rows.count), Int64(channels), epsilon)
      }
    }
    return result
  }
}

/// Root mean square normalisation (Zhang and Sennrich 2019) of every head's channels with the same scale:
/// x scale / sqrt(mean(x^2) + epsilon).  x: [..., heads x d] -> the same shape
public struct RMSNorm {
  let scale: [Float]
  let epsilon: Float

  /// Reads `scale` [headWidth].
  public init(_ builder: ModelBuilder, headWidth: Int, epsilon: Float) throws {
    self.epsilon = epsilon
    scale = try builder.vector("scale", count: headWidth)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let width = scale.count
    precondition(x.dim(-1) % width == 0, "norm of heads of \(width) channels got \(x.shape)")
    let result = Tensor(x.shape, in: x.workspace)
    parallel(x.count / width, grain: max(1, 65536 / width)) { heads in
      for head in heads {
        let (from, to) = (x.pointer + head * width, result.pointer + head * width)
        var squares: Float = 0
        for channel in 0..<width { squares += from[channel] * from[channel] }
        let factor = 1 / (squares / Float(width) + epsilon).squareRoot()
        for channel in 0..<width { to[channel] = from[channel] * factor * scale[channel] }
      }
    }
    return result
  }
}
