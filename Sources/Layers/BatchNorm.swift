// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// What batch normalisation (Ioffe and Szegedy 2015) does to each channel once it is trained: x scale + shift.  The
/// convolution before it takes both into its own parameters.
public struct BatchNorm {
  let scale: [Float]
  let shift: [Float]

  private static let epsilon = 1e-5  // PyTorch's

  /// Reads `weight`, `bias`, `running_mean` and `running_var`, [channels] each.
  ///
  /// Throws `CheckpointError` as `Weights.tensor`, and where a variance is negative.
  public init(_ builder: ModelBuilder, channels: Int) throws {
    let weight = try builder.vector("weight", count: channels)
    let bias = try builder.vector("bias", count: channels)
    let mean = try builder.vector("running_mean", count: channels)
    let variance = try builder.vector("running_var", count: channels)
    guard variance.allSatisfy({ $0 >= 0 }) else {
      throw CheckpointError("\(builder.weights.path): a variance is negative; the file is damaged")
    }
    let factors = zip(weight, variance).map { Double($0) / (Double($1) + Self.epsilon).squareRoot() }
    scale = factors.map(Float.init)
    shift = zip(bias, zip(mean, factors)).map { Float(Double($0) - Double($1.0) * $1.1) }
  }

  init(scale: [Float], shift: [Float]) { (self.scale, self.shift) = (scale, shift) }

  /// Of these channels alone.
  public func channels(_ channels: [Int]) -> BatchNorm {
    BatchNorm(scale: channels.map { scale[$0] }, shift: channels.map { shift[$0] })
  }

  /// Behind a convolution with a bias.
  public func adding(bias: [Float]) -> BatchNorm {
    BatchNorm(scale: scale, shift: zip(shift, zip(scale, bias)).map { $0 + $1.0 * $1.1 })
  }
}
