// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import StableDiffusion

/// A KL autoencoder's decoder that sees the known pixels, so that the filled part takes on their colours and what is
/// known stays as it is (Zhu et al. 2023, Asymmetric VQGAN; ASUKA).
///
/// In front of each level the decoder's features give way to the condition encoder's wherever nothing is to be filled;
/// behind the finest they are mixed by the mask itself, which may be soft there.
public struct HarmonizingDecoder: LayeredModel {
  public let configuration: HarmonizingDecoderConfiguration
  let postQuantConv: Linear?  // post_quant_conv
  let decoder: Decoder  // decoder
  let conditionEncoder: ConditionEncoder  // decoder.condition_encoder

  /// Throws `CheckpointError` if a tensor is missing or misshapen.
  public init(_ builder: ModelBuilder, _ configuration: HarmonizingDecoderConfiguration) throws {
    let c = configuration.autoencoder
    self.configuration = configuration
    postQuantConv = c.quantConvolutions
      ? try Linear(builder["post_quant_conv"], in: c.latentChannels, out: c.latentChannels) : nil
    decoder = try Decoder(builder["decoder"], c)
    conditionEncoder = try ConditionEncoder(
      builder["decoder"]["condition_encoder"], in: configuration.conditionChannels, widths: c.blockOutChannels)
  }

  /// Fills the picture's hole from the latents; what the latents hold elsewhere does not count.
  ///
  /// latents: scaled, [N, h, w, channels]; image: [N, H, W, 3] in -1 ... 1, H and W `downscale` times h and w; mask:
  /// [N, H, W, 1] in 0 ... 1, 1 = hole, may be soft -> [N, H, W, 3], about -1 ... 1.  The image is not read where the
  /// mask is 1.
  ///
  /// All condition features of 512 x 512 pixels are 0.58 GB in SD's widths.  The coarsest are wanted first, but come
  /// last; so each level's go as soon as they are mixed in, and the finest, a quarter of them and a thousandth of the
  /// decoder's arithmetic, are not kept but computed a second time at the end.  What is left is less than the decoder
  /// alone takes at its finest level.
  public func decode(_ latents: Tensor, image: Tensor, mask: Tensor) throws -> Tensor {
    let c = configuration.autoencoder
    precondition(
      image.shape == [latents.dim(0), latents.dim(1) * c.downscale, latents.dim(2) * c.downscale, 3]
        && mask.shape == image.shape.dropLast() + [1],
      "latents \(latents.shape), picture \(image.shape), mask \(mask.shape)")
    let z = latents.divided(by: c.scalingFactor, adding: configuration.shiftFactor)

    let condition = known(image, mask)
    var features = try conditionEncoder.withoutFinest(condition)  // coarsest last
    return try decoder(postQuantConv.map { $0(z) } ?? z) { h, _ in
      if let level = features.popLast() {
        h.keepInPlace(where: cells(mask, height: h.dim(1), width: h.dim(2)), of: level)
      } else {
        h.keepInPlace(where: mask, of: conditionEncoder.finest(condition))
      }
    }
  }

  /// What the condition encoder sees: the picture with the hole in mid-grey, and the mask if it has a channel for it.
  private func known(_ image: Tensor, _ mask: Tensor) -> Tensor {
    let result = Tensor(image.shape, repeating: 0, in: image.workspace)
    result.keepInPlace(where: mask, of: image)
    return configuration.conditionChannels == 4 ? concatenate(result, mask) : result
  }

  /// The mask at one level: 1 = to be filled.
  private func cells(_ mask: Tensor, height: Int, width: Int) -> Tensor {
    switch configuration.maskResampling {
    case .nearest: return resizeNearest(mask, height: height, width: width)
    case .area: return resizeArea(mask, height: height, width: width).atLeast(.leastNonzeroMagnitude)
    }
  }
}

/// Features of the known pixels for each of the decoder's levels: `decoder.condition_encoder`.
///
/// Convolutions with ReLU between them; a level's features are taken before it.  The first two are at full size, each
/// of the others halves it.
struct ConditionEncoder {
  let layers: [Conv2D]  // layers

  /// widths: the decoder's, finest first; the coarsest is that of the last layer, too.
  init(_ builder: ModelBuilder, in channels: Int, widths: [Int]) throws {
    let outputs = widths + widths.suffix(1)
    layers = try outputs.indices.map { index in
      let layer = builder["layers"][index]
      let inputs = index == 0 ? channels : outputs[index - 1]
      return index < 2
        ? try Conv2D(layer, in: inputs, out: outputs[index])
        : try Conv2D(layer, in: inputs, out: outputs[index], kernel: 4, stride: 2, padding: .one)
    }
  }

  /// [N, H, W, channels] -> [N, H, W, C]
  func finest(_ x: Tensor) -> Tensor { layers[0](x) }

  /// [N, H, W, channels] -> of every layer but the first, coarsest last: [N, H, W, C], [N, H / 2, W / 2, C'], ...
  func withoutFinest(_ x: Tensor) throws -> [Tensor] {
    var features = [layers[1](rectified(finest(x)))]
    for layer in layers.dropFirst(2) {
      try x.workspace.checkCancellation()
      x.workspace.trim()  // the next layer's blocks have other sizes
      features.append(layer(rectified(features[features.count - 1])))
    }
    return features
  }

  private func rectified(_ x: Tensor) -> Tensor {
    let result = x.copy()
    result.reluInPlace()
    return result
  }
}
