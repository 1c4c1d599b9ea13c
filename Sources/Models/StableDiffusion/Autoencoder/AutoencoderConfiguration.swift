// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// What shapes an `AutoencoderKL`; names as in diffusers' `vae/config.json`.
public struct AutoencoderConfiguration: Equatable, Sendable {
  /// Channels of each level, finest first.
  public var blockOutChannels = [128, 256, 512, 512]
  public var layersPerBlock = 2
  public var latentChannels = 4
  public var normGroups = 32
  /// Brings latents to about unit variance.
  public var scalingFactor: Float = 0.18215
  /// 1x1 convolutions between the encoder, the latents and the decoder.
  public var quantConvolutions = true

  /// Of all group norms; diffusers has no key for it.
  static let normEpsilon: Float = 1e-6

  /// SD 1.5 and SD 2.
  public init() {}

  /// Pixels along a side of one latent cell.
  public var downscale: Int { 1 << (blockOutChannels.count - 1) }

  /// The most memory that the tensors of a pass over `pixels` pixels take at once, in bytes.
  ///
  /// A decoder's level holds most in its first residual block: what comes from the level below, in the place
  /// of which its own result comes, and one of its own.  The finest holds most of all, as long as the widths less than
  /// quadruple.  Beside them are the pictures of three channels, masks and bands of the shortcut's, and what a convolution
  /// transforms (`Conv2D`).
  package func activationBytes(pixels: Int) -> Int {
    let below = Array(blockOutChannels.dropFirst()) + [0]
    let channels = zip(blockOutChannels, below).enumerated().map { level, widths in
      (widths.0 + max(widths.0, widths.1)) >> (2 * level)
    }.max() ?? 0
    let scratch = zip(blockOutChannels, below).enumerated().map { level, widths in
      Conv2D.scratchBytes(pixels: pixels >> (2 * level), channels: max(widths.0, widths.1), outputs: widths.0)
    }.max() ?? 0
    return pixels * (channels + 16 + blockOutChannels[0] / 16) * MemoryLayout<Float>.stride + scratch
  }
}

extension AutoencoderConfiguration: PartConfiguration {
  public static let part = PackPart(
    "vae", title: "the autoencoder", files: PackPart.diffusersFiles, pieces: AutoencoderTinyConfiguration.pieces
  ) { AutoencoderTinyConfiguration.canonicalName($0).map(CanonicalNames.autoencoder) }

  /// diffusers' `vae/config.json`.
  public init(_ json: JSON) throws {
    self.init()
    blockOutChannels = try json.integers("block_out_channels", or: [64])
    layersPerBlock = try json.value("layers_per_block", or: 1, \.int)
    latentChannels = try json.value("latent_channels", or: 4, \.int)
    normGroups = try json.value("norm_num_groups", or: 32, \.int)
    scalingFactor = Float(try json.value("scaling_factor", or: 0.18215, \.double))
    quantConvolutions = try json.value("use_quant_conv", or: true, \.bool)
    try json.require("act_fn", "silu")
    for key in ["shift_factor", "latents_mean"] where json[key] != nil {
      throw CheckpointError("\"\(key)\" is not supported")
    }
    try require(try json.value("mid_block_add_attention", or: true, \.bool), "a middle without attention is not supported")
    try require(
      (blockOutChannels + [layersPerBlock, latentChannels]).allSatisfy { (1...65536).contains($0) }
        && (1...8).contains(blockOutChannels.count) && scalingFactor.isNormal, "a size is out of range")
  }

  /// That of SD 1 and SD 2, which share it: other shapes are refused where the layers are made.
  public init(inferredFrom weights: Weights) throws { self.init() }
}
