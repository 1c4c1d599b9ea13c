// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

extension OpenedPack {
  /// The file of a task's LoRA, `lora/NAME.safetensors`; nil where there is none.
  public func lora(_ name: String) throws -> String? { try file("lora/" + name + ".safetensors") }
}

/// The models that LoRAs can add to.
public struct AdaptableModels {
  let unet: UNet2DConditionModel
  let text: CLIPTextModel

  public init(_ unet: UNet2DConditionModel, _ promptEncoder: PromptEncoder) {
    self.unet = unet
    text = promptEncoder.text
  }

  /// Reads a LoRA for these models.
  ///
  /// Throws `CheckpointError` for a layer that the models do not have, or whose shapes differ, by name.
  public func lora(_ path: String) throws -> LoRA {
    try LoRA(path, layers: [.unet: unet.lowRankLayers.shapes, .textEncoder: text.lowRankLayers.shapes])
  }

  /// Runs `body` with these LoRAs added to the UNet and the text encoder, each times its scale; several add up.
  ///
  /// The weights stay as they are, and a scale of 0 is the model itself, bit for bit.  What `body` prepares of a prompt
  /// (`UNet2DConditionModel.prepare`) has the LoRAs in it.  One run at a time; a call within `body` replaces the LoRAs.
  /// Throws `CheckpointError` if there is no memory for them, and what `body` throws.
  public func with<Result>(_ loras: [(lora: LoRA, scale: Float)], _ body: () throws -> Result) throws -> Result {
    defer {
      unet.lowRankLayers.clear()
      text.lowRankLayers.clear()
    }
    try unet.lowRankLayers.set(loras, .unet)
    try text.lowRankLayers.set(loras, .textEncoder)
    return try body()
  }
}
