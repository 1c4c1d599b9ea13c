// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import StableDiffusion

/// What shapes a `HarmonizingDecoder`; names in `harmonizing_decoder/config.json` as in diffusers' configuration of
/// AsymmetricAutoencoderKL, with four more.
public struct HarmonizingDecoderConfiguration: Equatable, Sendable {
  public enum MaskResampling: String, Sendable {
    /// A cell is a hole where any of its pixels is.
    case area
    /// A cell is as its first pixel.
    case nearest
  }

  /// `up_block_out_channels`, `layers_per_up_block`, `latent_channels`, `norm_num_groups`, `scaling_factor`;
  /// `use_post_quant_conv`: whether there is a 1x1 convolution before the decoder.
  public var autoencoder = AutoencoderConfiguration()
  /// `shift_factor`: latents are (z - shift) x scaling factor.
  public var shiftFactor: Float = 0
  /// `condition_channels`: what the condition encoder sees, the known pixels (3) or those and the mask (4).
  public var conditionChannels = 4
  /// `mask_resampling`; ASUKA's is `area`, diffusers' and Asymmetric VQGAN's `nearest`.
  public var maskResampling = MaskResampling.area

  /// ASUKA's, for Stable Diffusion's latents.
  public init() {}
}

extension HarmonizingDecoderConfiguration: PartConfiguration {
  /// diffusers' AsymmetricAutoencoderKL serves too.
  public static let part = PackPart(
    "harmonizing_decoder", title: "the harmonizing decoder", files: ["model.safetensors"] + PackPart.diffusersFiles,
    isPublishedAlone: true, canonicalName: HarmonizingDecoderNames.name)

  /// A configuration that does not say otherwise is diffusers': 3 channels, masks by the nearest pixel; with 4
  /// channels it is ASUKA's, masks by area.
  public init(_ json: JSON) throws {
    autoencoder.blockOutChannels = try json.integers("up_block_out_channels", or: [128, 256, 512, 512])
    autoencoder.layersPerBlock = try json.value("layers_per_up_block", or: 2, \.int)
    autoencoder.latentChannels = try json.value("latent_channels", or: 4, \.int)
    autoencoder.normGroups = try json.value("norm_num_groups", or: 32, \.int)
    autoencoder.scalingFactor = Float(try json.value("scaling_factor", or: 0.18215, \.double))
    autoencoder.quantConvolutions = try json.value("use_post_quant_conv", or: true, \.bool)
    shiftFactor = Float(try json.value("shift_factor", or: 0, \.double))
    conditionChannels = try json.value("condition_channels", or: 3, \.int)
    let implied = conditionChannels == 4 ? MaskResampling.area : .nearest
    let name = try json.value("mask_resampling", or: implied.rawValue, \.string)
    guard let resampling = MaskResampling(rawValue: name) else {
      throw CheckpointError("\"mask_resampling\" \"\(name)\" is not supported; there are area and nearest")
    }
    maskResampling = resampling
    try checkSizes()
  }

  /// From a file without configuration, as Asymmetric VQGAN's and ASUKA's are.  Latents of 16 channels are FLUX's.
  public init(inferredFrom weights: Weights) throws {
    let decoder = weights["decoder"]
    let levels = decoder.count(of: "up_blocks")
    let widths = (0..<levels).reversed().compactMap {
      decoder["up_blocks"][$0].shape(of: "resnets.0.conv2.weight")?.first
    }
    guard let first = decoder.shape(of: "conv_in.weight"), first.count == 4, widths.count == levels,
      let condition = decoder.shape(of: "condition_encoder.layers.0.weight"), condition.count == 4
    else { throw CheckpointError("not a decoder with a condition encoder; or add config.json") }
    autoencoder.blockOutChannels = widths
    autoencoder.layersPerBlock = decoder["up_blocks"][0].count(of: "resnets") - 1
    autoencoder.latentChannels = first[1]
    autoencoder.quantConvolutions = weights.contains("post_quant_conv.weight")
    if first[1] == 16 { (autoencoder.scalingFactor, shiftFactor) = (0.3611, 0.1159) }
    conditionChannels = condition[1]
    maskResampling = conditionChannels == 4 ? .area : .nearest
    try checkSizes()
  }

  private func checkSizes() throws {
    let c = autoencoder
    try require(
      (c.blockOutChannels + [c.layersPerBlock, c.latentChannels]).allSatisfy { (1...65536).contains($0) }
        && (1...8).contains(c.blockOutChannels.count) && c.scalingFactor.isNormal && shiftFactor.isFinite,
      "a size is out of range")
    try require(
      c.normGroups > 0 && c.blockOutChannels.allSatisfy { $0 % c.normGroups == 0 },
      "its widths are no multiples of \(c.normGroups), \"norm_num_groups\"; correct or add config.json")
    try require(conditionChannels == 3 || conditionChannels == 4, "\"condition_channels\" is neither 3 nor 4")
  }
}
