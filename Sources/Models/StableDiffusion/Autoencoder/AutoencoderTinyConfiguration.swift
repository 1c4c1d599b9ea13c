// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// What shapes an `AutoencoderTiny`; names as in diffusers' `config.json` of that class.
public struct AutoencoderTinyConfiguration: CodecConfiguration, Equatable, Sendable {
  /// Channels of all levels.
  public var width = 64
  /// Of each level, finest first.
  public var encoderBlocks = [1, 3, 3, 3]
  /// Of each level, coarsest first.
  public var decoderBlocks = [3, 3, 3, 1]
  public var latentChannels = 4

  /// TAESD for SD 1 and SD 2.
  public init() {}

  public var downscale: Int { 1 << (encoderBlocks.count - 1) }

  /// The finest level holds most: a block's input and two results, and what a convolution transforms.
  package func activationBytes(pixels: Int) -> Int {
    pixels * (3 * width + 16) * MemoryLayout<Float>.stride
      + Conv2D.scratchBytes(pixels: pixels, channels: width, outputs: width)
  }
}

extension AutoencoderTinyConfiguration: PartConfiguration {
  public static let part: PackPart = declaration("tiny_vae")
  /// In the place of the full autoencoder.
  static let inPlaceOfFull = declaration(AutoencoderConfiguration.part.name)

  private static func declaration(_ folder: String) -> PackPart {
    PackPart(
      folder, title: "the tiny autoencoder", files: PackPart.diffusersFiles, pieces: pieces, isPublishedAlone: true,
      canonicalName: canonicalName)
  }

  /// TAESD's own files.
  static let pieces = [(file: "taesd_encoder", prefix: "taesd_encoder/"), (file: "taesd_decoder", prefix: "taesd_decoder/")]

  /// diffusers' name; its decoder has no layer for the clamping with which TAESD's own begins.
  static func canonicalName(_ stored: String) -> String? {
    if let layer = stored.removingPrefix("taesd_encoder/") { return "encoder.layers." + layer }
    guard let layer = stored.removingPrefix("taesd_decoder/") else { return stored }
    let parts = layer.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let index = Int(parts[0]), index > 0 else { return stored }
    return "decoder.layers.\(index - 1).\(parts[1])"
  }

  public init(_ json: JSON) throws {
    self.init()
    let widths = try json.integers("encoder_block_out_channels", or: [64, 64, 64, 64])
      + json.integers("decoder_block_out_channels", or: [64, 64, 64, 64])
    width = widths[0]
    encoderBlocks = try json.integers("num_encoder_blocks", or: encoderBlocks)
    decoderBlocks = try json.integers("num_decoder_blocks", or: decoderBlocks)
    latentChannels = try json.value("latent_channels", or: 4, \.int)
    try json.require("act_fn", "relu")
    try json.require("upsample_fn", "nearest")
    for (key, only) in [("scaling_factor", 1.0), ("shift_factor", 0), ("upsampling_scaling_factor", 2), ("in_channels", 3), ("out_channels", 3)] {
      let value = try json.value(key, or: only, \.double)
      try require(value == only, "\"\(key)\" \(value) is not supported")
    }
    try require(
      widths.allSatisfy { $0 == width } && widths.count == 2 * encoderBlocks.count
        && encoderBlocks.count == decoderBlocks.count, "levels of different widths or numbers are not supported")
    try require(
      (encoderBlocks + decoderBlocks).allSatisfy { (1...64).contains($0) } && (1...8).contains(encoderBlocks.count)
        && [width, latentChannels].allSatisfy { (1...65536).contains($0) }, "a size is out of range")
  }

  /// TAESD's blocks in any width.
  public init(inferredFrom weights: Weights) throws {
    self.init()
    guard let first = weights.shape(of: "encoder.layers.0.weight"), first.count == 4, (1...65536).contains(first[0]),
      let last = weights.shape(of: "decoder.layers.0.weight"), last.count == 4, (1...65536).contains(last[1])
    else { throw CheckpointError("not a tiny autoencoder's tensors") }
    (width, latentChannels) = (first[0], last[1])
  }
}
