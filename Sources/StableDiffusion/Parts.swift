import Checkpoints

/// Each model from its part of a pack.

extension UNet2DConditionModel {
  /// Throws `CheckpointError` if the pack has no such UNet, or one that does not inpaint.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights("unet")
    let configuration = try pack.unetConfiguration()
    guard configuration.inChannels == 9 else {
      throw CheckpointError(
        "\(pack.path): the UNet has \(configuration.inChannels) input channels; inpainting models have 9 "
          + "(latents, mask, masked picture)")
    }
    try self.init(weights, configuration)
  }
}

extension AutoencoderKL {
  /// Throws `CheckpointError` if the pack has no such autoencoder.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights("vae")
    try self.init(weights, pack.autoencoderConfiguration())
  }
}

extension CLIPTextModel {
  /// Throws `CheckpointError` if the pack has no such text encoder.
  public init(_ pack: OpenedPack) throws {
    let weights = try pack.weights("text_encoder")
    let configuration = try pack.explaining("text_encoder") {
      try pack.configuration("text_encoder").map(TextEncoderConfiguration.init)
        ?? TextEncoderConfiguration(inferredFrom: weights)
    }
    try self.init(weights, configuration)
  }
}

extension SchedulerConfiguration {
  /// A pack without `scheduler/` gets Stable Diffusion's.
  public init(_ pack: OpenedPack) throws {
    self = try pack.has("scheduler")
      ? pack.configuration("scheduler").map { SchedulerConfiguration($0, source: pack.path + "/scheduler") }
        ?? .stableDiffusion : .stableDiffusion
  }
}

extension OpenedPack {
  func unetConfiguration() throws -> UNetConfiguration {
    try explaining("unet") {
      try configuration("unet").map(UNetConfiguration.init) ?? UNetConfiguration(inferredFrom: weights("unet"))
    }
  }

  func autoencoderConfiguration() throws -> AutoencoderConfiguration {
    try explaining("vae") {
      try configuration("vae").map(AutoencoderConfiguration.init) ?? AutoencoderConfiguration()
    }
  }

  /// Puts the pack and the part before what `body` throws.
  package func explaining<Value>(_ part: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as CheckpointError {
      throw CheckpointError("\(path), \(part): \(error.message)")
    }
  }
}
