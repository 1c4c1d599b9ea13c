// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// What an inpainting UNet sees of a mask beside the noisy latents: the mask over latent cells, and the latents of the
/// masked picture.  diffusers: `prepare_mask_latents`, whose nearest pixel of each cell loses thin masks.
extension Tensor {
  /// A mask, [1, H, W, 1], 1 = repaint, over cells of `downscale` x `downscale` pixels: a cell is a hole where any of its
  /// pixels is, so that thin masks survive.  -> [1, h, w, 1]
  func latentMask(downscale: Int) -> Tensor { maxPooled(downscale).atLeast(0.5) }

  /// A picture, [1, H, W, 3] in -1 ... 1, with the hole of `mask`, [1, H, W, 1], in mid-grey.
  func masked(by mask: Tensor) -> Tensor {
    let result = Tensor(shape, repeating: 0, in: workspace)
    result.keepInPlace(where: mask.atLeast(0.5), of: self)
    return result
  }
}
