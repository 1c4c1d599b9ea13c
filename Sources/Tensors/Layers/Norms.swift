import CKernels
import Checkpoints

/// Group normalisation (Wu and He 2018).  x: [N, ..., C] -> the same shape
public struct GroupNorm {
  let groups: Int
  let scale: [Float]
  let shift: [Float]
  let epsilon: Float

  /// Reads `weight` and `bias`, [channels] each.  `groups` must divide `channels`.
  public init(_ weights: Weights, channels: Int, groups: Int, epsilon: Float) throws {
    guard groups > 0, channels % groups == 0 else {
      throw CheckpointError("\(weights.path): \(channels) channels cannot be normalised in \(groups) groups")
    }
    self.groups = groups
    self.epsilon = epsilon
    scale = try weights.vector("weight", count: channels)
    shift = try weights.vector("bias", count: channels)
  }

  /// With `silu`, x sigmoid(x) of the normalised values.
  public func callAsFunction(_ x: Tensor, silu: Bool = false) -> Tensor {
    let channels = scale.count
    precondition(x.dim(-1) == channels, "group norm of \(channels) channels got \(x.shape)")
    let images = x.dim(0)
    let rows = x.count / images / channels
    let rowsPerBlock = max(1, min(rows, 65536 / channels))
    let blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
    let result = Tensor(x.shape, in: x.workspace)

    // Mean and squared differences of each block while it is in the cache, then of the whole (Chan et al. 1979).
    let moments = Tensor([images, blocks, 2, groups], in: x.workspace)
    x.workspace.parallel(images * blocks, scratch: channels) { index, scratch in
      let first = index % blocks * rowsPerBlock
      let start = x.pointer + (index / blocks * rows + first) * channels
      let means = moments.pointer + index * 2 * groups
      kernels.group_moments(
        start, Int64(min(rowsPerBlock, rows - first)), Int64(channels), Int64(groups), means, means + groups, scratch)
    }
    let factors = Tensor([images, 2, channels], in: x.workspace)
    for image in 0..<images { combine(moments, image, rows: rows, rowsPerBlock: rowsPerBlock, into: factors) }

    parallel(images * blocks) { index in
      let image = index / blocks
      let first = index % blocks * rowsPerBlock
      let offset = (image * rows + first) * channels
      let factor = factors.pointer + image * 2 * channels
      kernels.scale_shift(
        x.pointer + offset, result.pointer + offset, factor, factor + channels, Int64(min(rowsPerBlock, rows - first)),
        Int64(channels), silu)
    }
    return result
  }

  /// From the blocks' moments to one scale and shift for each channel of `image`.
  private func combine(_ moments: Tensor, _ image: Int, rows: Int, rowsPerBlock: Int, into factors: Tensor) {
    let channels = scale.count
    let width = channels / groups
    let blocks = moments.dim(1)
    for group in 0..<groups {
      var count = 0.0
      var mean = 0.0
      var squares = 0.0
      for block in 0..<blocks {
        let values = moments.pointer + (image * blocks + block) * 2 * groups + group
        let added = Double(min(rowsPerBlock, rows - block * rowsPerBlock) * width)
        let difference = Double(values[0]) - mean
        squares += Double(values[groups]) + difference * difference * count * added / (count + added)
        mean += difference * added / (count + added)
        count += added
      }
      let deviation = (squares / count + Double(epsilon)).squareRoot()
      for channel in group * width..<(group + 1) * width {
        let factor = Double(scale[channel]) / deviation
        factors.pointer[(image * 2) * channels + channel] = Float(factor)
        factors.pointer[(image * 2 + 1) * channels + channel] = Float(Double(shift[channel]) - mean * factor)
      }
    }
  }
}

/// Layer normalisation over the last dimension (Ba et al. 2016).
public struct LayerNorm {
  let scale: [Float]
  let shift: [Float]
  let epsilon: Float

  /// Reads `weight` and `bias`, [channels] each.
  public init(_ weights: Weights, channels: Int, epsilon: Float = 1e-5) throws {
    self.epsilon = epsilon
    scale = try weights.vector("weight", count: channels)
    shift = try weights.vector("bias", count: channels)
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
    scale.withUnsafeBufferPointer { scale in
      shift.withUnsafeBufferPointer { shift in
        parallel(x.count / channels, grain: max(1, 65536 / channels)) { rows in
          kernels.layer_norm(
            x.pointer + rows.lowerBound * channels, result.pointer + rows.lowerBound * channels, scale.baseAddress!,
            shift.baseAddress!, Int64(rows.count), Int64(channels), epsilon)
        }
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
  public init(_ weights: Weights, headWidth: Int, epsilon: Float) throws {
    self.epsilon = epsilon
    scale = try weights.vector("scale", count: headWidth)
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
