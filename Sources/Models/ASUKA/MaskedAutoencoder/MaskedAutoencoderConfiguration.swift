// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

/// What shapes a `MaskedAutoencoder`; names in `mae/config.json` as in transformers' ViTMAEConfig.
public struct MaskedAutoencoderConfiguration: Equatable, Sendable {
  public var imageSize = 256
  public var patchSize = 16
  public var encoder = TransformerSize(width: 768, depth: 12, heads: 12, hiddenWidth: 3072)
  public var decoder = TransformerSize(width: 512, depth: 8, heads: 16, hiddenWidth: 2048)
  public var normEpsilon: Float = 1e-6
  /// `feature_layer`: the features are what enters this block of the decoder.
  public var featureLayer = 6

  /// MAE-FAR's and ASUKA's: ViT-B over 256 x 256 pixels in 16 x 16 patches, without class token.
  public init() {}

  /// Patches along a side.
  public var grid: Int { imageSize / patchSize }

  /// The most memory that the tensors of a pass take at once, in bytes: about a dozen vectors of a block's width and
  /// two of its feed-forward for each patch, the picture, its mask and copies, and one widened weight matrix.
  package var activationBytes: Int {
    func floats(_ size: TransformerSize) -> Int {
      let tokens = grid * grid * (12 * size.width + 2 * size.hiddenWidth)
      return tokens + size.width * max(size.hiddenWidth, 3 * size.width)
    }
    return (max(floats(encoder), floats(decoder)) + 16 * imageSize * imageSize) * MemoryLayout<Float>.stride
  }
}

extension MaskedAutoencoderConfiguration: PartConfiguration {
  public static let part = PackPart(
    "mae", title: "the masked autoencoder", files: ["model.safetensors", "model.bin"], isPublishedAlone: true)

  /// Throws `CheckpointError` for sizes that do not fit each other.
  public init(_ json: JSON) throws {
    imageSize = try json.value("image_size", or: 256, \.int)
    patchSize = try json.value("patch_size", or: 16, \.int)
    encoder.width = try json.value("hidden_size", or: 768, \.int)
    encoder.depth = try json.value("num_hidden_layers", or: 12, \.int)
    encoder.heads = try json.value("num_attention_heads", or: 12, \.int)
    encoder.hiddenWidth = try json.value("intermediate_size", or: 3072, \.int)
    decoder.width = try json.value("decoder_hidden_size", or: 512, \.int)
    decoder.depth = try json.value("decoder_num_hidden_layers", or: 8, \.int)
    decoder.heads = try json.value("decoder_num_attention_heads", or: 16, \.int)
    decoder.hiddenWidth = try json.value("decoder_intermediate_size", or: 2048, \.int)
    normEpsilon = Float(try json.value("layer_norm_eps", or: 1e-6, \.double))
    featureLayer = try json.value("feature_layer", or: 6, \.int)
    try checkSizes()
  }

  /// From a file without configuration.  Heads are 64 channels wide in the encoder and 32 in the decoder, as in all
  /// released models.
  public init(inferredFrom weights: Weights) throws {
    guard let patch = weights.shape(of: "patch_embed.proj.weight"), patch.count == 4,
      let positions = weights.shape(of: "pos_embed"), positions.count == 3,
      let embedding = weights.shape(of: "decoder_embed.weight"), embedding.count == 2,
      let hidden = weights.shape(of: "blocks.0.mlp.fc1.weight"), hidden.count == 2,
      let decoderHidden = weights.shape(of: "decoder_blocks.0.mlp.fc1.weight"), decoderHidden.count == 2
    else { throw CheckpointError("not a masked autoencoder of MAE-FAR or ASUKA; or add config.json") }
    try require(
      weights.shape(of: "cls_token") == nil, "a masked autoencoder with a class token, as Meta's; MAE-FAR's have none")
    try require((1...4096).contains(positions[1]) && (1...256).contains(patch[3]), "a size is out of range")
    patchSize = patch[3]
    imageSize = patchSize * Int(Double(positions[1]).squareRoot())
    encoder = TransformerSize(
      width: patch[0], depth: weights.count(of: "blocks"), heads: max(1, patch[0] / 64), hiddenWidth: hidden[0])
    decoder = TransformerSize(
      width: embedding[0], depth: weights.count(of: "decoder_blocks"), heads: max(1, embedding[0] / 32),
      hiddenWidth: decoderHidden[0])
    featureLayer = min(featureLayer, decoder.depth)
    try checkSizes()
  }

  private func checkSizes() throws {
    let sizes = [encoder, decoder]
    try require(
      (1...256).contains(patchSize) && (patchSize...4096).contains(imageSize) && imageSize % patchSize == 0
        && grid <= 64 && normEpsilon > 0 && normEpsilon.isFinite
        && sizes.allSatisfy {
          [$0.width, $0.heads, $0.hiddenWidth].allSatisfy { (1...65536).contains($0) } && (0...256).contains($0.depth)
        }, "a size is out of range")
    try require(
      sizes.allSatisfy { $0.width % $0.heads == 0 && $0.width % 4 == 0 },
      "a width cannot be split into heads, or into the sines and cosines of two axes")
    try require((0...decoder.depth).contains(featureLayer), "\"feature_layer\" is no block of the decoder")
  }
}
