// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// A distilled autoencoder without attention, for latents of a full one (TAESD, Bohan 2023; diffusers: AutoencoderTiny).
///
/// A twentieth of the full one's work.  Details of 2 or 3 pixels suffer.
public struct AutoencoderTiny: LayeredModel, LatentCodec {
  public let configuration: AutoencoderTinyConfiguration
  let encoder: [TinyLayer]  // encoder.layers
  let decoder: [TinyLayer]  // decoder.layers

  /// Throws `CheckpointError` if a tensor is missing or misshapen.
  public init(_ builder: ModelBuilder, _ configuration: AutoencoderTinyConfiguration) throws {
    self.configuration = configuration
    let (width, latents) = (configuration.width, configuration.latentChannels)

    var layers = Layers(builder["encoder"]["layers"])
    for (level, blocks) in configuration.encoderBlocks.enumerated() {
      let conv: TinyLayer = level == 0
        ? .conv(try Conv2D(layers.next(), in: 3, out: width), .none)
        : .conv(try Conv2D(layers.next(), in: width, out: width, stride: 2, hasBias: false), .none)
      layers.made.append(conv)
      for _ in 0..<blocks { layers.made.append(.block(try TinyBlock(layers.next(), width: width))) }
    }
    layers.made.append(.conv(try Conv2D(layers.next(), in: width, out: latents), .none))
    encoder = layers.made

    layers = Layers(builder["decoder"]["layers"])
    layers.made.append(.conv(try Conv2D(layers.next(), in: latents, out: width), .relu))
    _ = layers.next()  // the activation
    for (level, blocks) in configuration.decoderBlocks.enumerated() {
      for _ in 0..<blocks { layers.made.append(.block(try TinyBlock(layers.next(), width: width))) }
      if level == configuration.decoderBlocks.count - 1 {
        layers.made.append(.conv(try Conv2D(layers.next(), in: width, out: 3), .none))
      } else {
        _ = layers.next()  // the enlargement
        layers.made.append(.enlarged(try Conv2D(layers.next(), in: width, out: width, hasBias: false)))
      }
    }
    decoder = layers.made
  }

  public var latentChannels: Int { configuration.latentChannels }
  public var downscale: Int { configuration.downscale }

  /// As `LatentCodec`; nothing is drawn.
  public func encode(_ image: Tensor) throws -> Tensor {
    try encoder.reduce(image.scaled(by: 0.5, adding: 0.5)) { try $1($0) }
  }

  public func decode(_ latents: Tensor) throws -> Tensor {
    try decoder.reduce(latents.softClamped(to: 3)) { try $1($0) }.scaled(by: 2, adding: -1)
  }
}

/// Layers that are counted as they are made; those without weights count too.
private struct Layers {
  private let builder: ModelBuilder
  private var count = 0
  var made: [TinyLayer] = []

  init(_ builder: ModelBuilder) { self.builder = builder }

  mutating func next() -> ModelBuilder {
    defer { count += 1 }
    return builder[count]
  }
}

/// [N, H, W, C] -> [N, H', W', C']
enum TinyLayer {
  case conv(Conv2D, Activation)
  case block(TinyBlock)
  /// Over twice the height and width.
  case enlarged(Conv2D)

  /// Throws `Cancelled`.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try x.workspace.checkCancellation()
    switch self {
    case .conv(let conv, let activation): return conv(x, activation)
    case .block(let block): return block(x)
    case .enlarged(let conv):
      x.workspace.trim()  // the next level's blocks have other sizes
      return conv(.enlarged(x, height: 2 * x.dim(1), width: 2 * x.dim(2)))
    }
  }
}

/// Three convolutions and a shortcut (AutoencoderTinyBlock).
struct TinyBlock {
  let convs: [Conv2D]  // conv.0, conv.2, conv.4

  init(_ builder: ModelBuilder, width: Int) throws {
    convs = try [0, 2, 4].map { try Conv2D(builder["conv"][$0], in: width, out: width) }
  }

  func callAsFunction(_ x: Tensor) -> Tensor { convs[2](convs[1](convs[0](x, .relu), .relu), adding: x, .relu) }
}
