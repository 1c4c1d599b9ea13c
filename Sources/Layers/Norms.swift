// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

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
    x.groupNormalized(groups: groups, scale: scale, shift: shift, epsilon: epsilon, silu: silu)
  }

  public func callAsFunction(_ x: Tensor, silu: Bool = false) -> Features { self(Features(x), silu: silu) }
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

  public func callAsFunction(_ x: Tensor) -> Tensor { x.layerNormalized(scale: scale, shift: shift, epsilon: epsilon) }
}

/// Root mean square normalisation (Zhang and Sennrich 2019) of every head's channels with the same scale.
/// x: [..., heads x d] -> the same shape
public struct RMSNorm {
  let scale: [Float]
  let epsilon: Float

  /// Reads `scale` [headWidth].
  public init(_ builder: ModelBuilder, headWidth: Int, epsilon: Float) throws {
    self.epsilon = epsilon
    scale = try builder.vector("scale", count: headWidth)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { x.headsNormalized(scale: scale, epsilon: epsilon) }
}
