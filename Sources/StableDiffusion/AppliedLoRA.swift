import Checkpoints
import Tensors

extension StableDiffusionInpainter {
  /// Reads a LoRA for this model.
  ///
  /// Throws `CheckpointError` for a layer that the model does not have, or whose shapes differ, by name.
  public func lora(_ path: String) throws -> LoRA {
    try LoRA(
      path, layers: [.unet: unet.lowRankLayers.shapes, .textEncoder: promptEncoder.text.lowRankLayers.shapes])
  }

  /// Runs `body` with these LoRAs added to the UNet and the text encoder, each times its scale; several add up.
  ///
  /// The weights stay as they are, and a scale of 0 is the model itself, bit for bit.  What `body` prepares of a prompt
  /// (`UNet2DConditionModel.prepare`) has the LoRAs in it.  One run at a time; a call within `body` replaces the LoRAs.
  /// Throws `CheckpointError` if there is no memory for them, and what `body` throws.
  public func with<Result>(_ loras: [(lora: LoRA, scale: Float)], _ body: () throws -> Result) throws -> Result {
    defer {
      unet.lowRankLayers.clear()
      promptEncoder.text.lowRankLayers.clear()
    }
    try unet.lowRankLayers.set(loras, .unet)
    try promptEncoder.text.lowRankLayers.set(loras, .textEncoder)
    return try body()
  }
}
