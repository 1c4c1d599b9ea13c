// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// Masked autoencoder (He et al. 2022) whose mask is the hole: ASUKA's prior of what belongs there.
///
/// Both classes of MAE-FAR (Cao et al. 2022) are read.  The fine-tuned one looks at patches that the hole covers in
/// part, too (`decoder_patch_embed`, `alpha`).
///
/// Only the patches without hole are encoded: hidden ones are no keys of any attention, and the decoder puts the mask
/// token in their place, so their vectors could not be seen.  The larger the hole, the less there is to compute.
public struct MaskedAutoencoder: LayeredModel {
  public let configuration: MaskedAutoencoderConfiguration
  let patchEmbedding: Conv2D  // patch_embed.proj
  let positions: [Float]  // pos_embed
  let blocks: [VisionTransformerBlock]  // blocks
  let norm: LayerNorm  // norm
  let decoderEmbedding: Linear  // decoder_embed
  let maskToken: [Float]  // mask_token
  let partialPatches: PartialPatches?  // decoder_patch_embed, alpha
  let decoderPositions: [Float]  // decoder_pos_embed
  let decoderBlocks: [VisionTransformerBlock]  // decoder_blocks
  let decoderNorm: LayerNorm  // decoder_norm
  let prediction: Linear  // decoder_pred

  /// Throws `CheckpointError` if a tensor is missing or misshapen, or if stored positions are others than the fixed ones.
  public init(_ builder: ModelBuilder, _ configuration: MaskedAutoencoderConfiguration) throws {
    let c = configuration
    let (encoder, decoder) = (c.encoder, c.decoder)
    self.configuration = c
    patchEmbedding = try Conv2D(
      builder["patch_embed"]["proj"], in: 3, out: encoder.width, kernel: c.patchSize, stride: c.patchSize,
      padding: Padding(before: 0, after: 0))
    positions = try Self.positions(builder.weights, "pos_embed", c, width: encoder.width)
    blocks = try (0..<encoder.depth).map {
      try VisionTransformerBlock(builder["blocks"][$0], encoder, epsilon: c.normEpsilon)
    }
    norm = try LayerNorm(builder["norm"], channels: encoder.width, epsilon: c.normEpsilon)
    decoderEmbedding = try Linear(builder["decoder_embed"], in: encoder.width, out: decoder.width)
    maskToken = try builder.weights.floats("mask_token", shape: [1, 1, decoder.width])
    partialPatches = builder.weights.contains("alpha")
      ? try PartialPatches(builder, patchSize: c.patchSize, width: decoder.width) : nil
    decoderPositions = try Self.positions(builder.weights, "decoder_pos_embed", c, width: decoder.width)
    decoderBlocks = try (0..<decoder.depth).map {
      try VisionTransformerBlock(builder["decoder_blocks"][$0], decoder, epsilon: c.normEpsilon)
    }
    decoderNorm = try LayerNorm(builder["decoder_norm"], channels: decoder.width, epsilon: c.normEpsilon)
    prediction = try Linear(builder["decoder_pred"], in: decoder.width, out: c.patchSize * c.patchSize * 3)
  }

  /// The fixed positions.  A stored table may be rounded (to 1 / 256 in bfloat16), but not another one.
  private static func positions(
    _ weights: Weights, _ name: String, _ c: MaskedAutoencoderConfiguration, width: Int
  ) throws -> [Float] {
    let fixed = sineCosinePositions(grid: c.grid, width: width)
    guard weights.contains(name) else { return fixed }
    let stored = try weights.floats(name, shape: [1, c.grid * c.grid, width])
    guard zip(stored, fixed).allSatisfy({ abs($0 - $1) <= 1 / 256 }) else {
      throw CheckpointError(
        "\(weights.file): tensor \(name) is not the table of sines and cosines for \(c.grid) x \(c.grid) patches, "
          + "so it is another model's, or trained")
    }
    return fixed
  }

  /// What the decoder knows before block `featureLayer`, for the alignment module: [1, grid x grid, decoder width].
  /// Zeros where every patch has some hole, so that nothing is known.
  public func features(_ input: MaskedInput) throws -> Tensor {
    let patches = HiddenPatches(input.mask, grid: configuration.grid)
    guard !patches.visible.isEmpty else {
      return Tensor(
        [1, patches.shares.count, configuration.decoder.width], repeating: 0, in: input.pixels.workspace)
    }
    return try decode(input, patches, through: configuration.featureLayer)
  }

  /// The picture that the decoder predicts, [1, imageSize, imageSize, 3], about -1 ... 1.  Only the hole's part means
  /// anything: the loss of its training was there.
  public func predictedPicture(_ input: MaskedInput) throws -> Tensor {
    let patches = HiddenPatches(input.mask, grid: configuration.grid)
    let h = try decode(input, patches, through: configuration.decoder.depth)
    return unpatchified(prediction(decoderNorm(h)))
  }

  /// [1, T, decoder width] behind the first `count` blocks of the decoder.
  private func decode(_ input: MaskedInput, _ patches: HiddenPatches, through count: Int) throws -> Tensor {
    let width = configuration.decoder.width
    var h = Tensor([1, 1, width], maskToken, in: input.pixels.workspace)
      .gatherRows([Int](repeating: 0, count: patches.shares.count))  // [1, T, width]
    if !patches.visible.isEmpty {
      h.scatterRowsInPlace(decoderEmbedding(try encode(input.pixels, patches.visible)), at: patches.visible)
    }
    partialPatches?.mix(into: h, input, patches)
    h.addInPlace(Tensor(h.shape, decoderPositions, in: h.workspace))
    for block in decoderBlocks[..<count] { h = try block(h) }
    return h
  }

  /// [1, S, S, 3] -> [1, visible, encoder width]
  private func encode(_ pixels: Tensor, _ visible: [Int]) throws -> Tensor {
    let width = configuration.encoder.width
    let patches = configuration.grid * configuration.grid
    let embedded = patchEmbedding(pixels).reshaped([1, patches, width])
    embedded.addInPlace(Tensor([1, patches, width], positions, in: pixels.workspace))
    var h = embedded.gatherRows(visible)
    for block in blocks { h = try block(h) }
    return norm(h)
  }

  /// Patches [1, T, patch x patch x 3] side by side, ImageNet's normalisation undone.
  private func unpatchified(_ patches: Tensor) -> Tensor {
    let grid = configuration.grid
    return ImageNet.denormalized(patches.reshaped([1, grid, grid, patches.dim(2)]).depthToSpace(configuration.patchSize))
  }
}

/// How much of each patch the hole covers.
struct HiddenPatches {
  /// 0 ... 1 for each patch.
  let shares: [Float]
  /// The patches without hole: any of it hides a whole patch from the encoder.
  let visible: [Int]

  /// mask: [1, S, S, 1]
  init(_ mask: Tensor, grid: Int) {
    shares = resizeArea(mask, height: grid, width: grid).array
    visible = shares.indices.filter { [shares] in shares[$0] <= 0 }
  }
}

/// What the fine-tuned class sees of patches that are partly hole: `decoder_patch_embed.proj`, `alpha`.
struct PartialPatches {
  let embedding: Conv2D  // decoder_patch_embed.proj; red, green, blue, mask
  /// The mask token's share in such a patch, 0 ... 1.
  let alpha: Float

  init(_ builder: ModelBuilder, patchSize: Int, width: Int) throws {
    embedding = try Conv2D(
      builder["decoder_patch_embed"]["proj"], in: 4, out: width, kernel: patchSize, stride: patchSize,
      padding: Padding(before: 0, after: 0))
    alpha = min(max(try builder.weights.floats("alpha", shape: [])[0], 0), 1)
  }

  /// h: [1, T, width], the mask token where the hole is -> mixed with the embeddings where it is in part.
  func mix(into h: Tensor, _ input: MaskedInput, _ patches: HiddenPatches) {
    let partial = patches.shares.indices.filter { patches.shares[$0] > 0 && patches.shares[$0] < 1 }
    guard !partial.isEmpty else { return }
    let known = Tensor(input.pixels.shape, repeating: 0, in: h.workspace)
    known.keepInPlace(where: input.mask, of: input.pixels)
    let embedded = embedding(concatenate(known, input.mask)).reshaped(h.shape)
    let mixed = linearCombination((Double(alpha), h.gatherRows(partial)), (Double(1 - alpha), embedded.gatherRows(partial)))
    h.scatterRowsInPlace(mixed, at: partial)
  }
}
