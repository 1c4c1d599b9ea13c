// SPDX-License-Identifier: LGPL-3.0-or-later
/// A linear layer or convolution as a LoRA sees it.
public struct LayerShape: Equatable, Sendable {
  /// In diffusers' and transformers' newest terms: `mid_block.attentions.0.transformer_blocks.0.attn1.to_q`.
  public let path: String
  public let inputs: Int
  public let outputs: Int
  /// Pixels along a side of the kernel; 1 for a linear layer.
  public let kernel: Int

  public init(path: String, inputs: Int, outputs: Int, kernel: Int = 1) {
    self.path = path
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
  }
}
