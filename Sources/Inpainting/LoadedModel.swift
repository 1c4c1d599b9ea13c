import ASUKA
import Checkpoints
import StableDiffusion

/// The models of one pack, each read when a run first needs it.
public final class LoadedModel {
  public typealias Progress = StableDiffusionInpainter.Progress

  public let pack: OpenedPack
  public let promptEncoder: LazyModel<PromptEncoder>
  public let unet: LazyModel<UNet2DConditionModel>
  public let autoencoder: LazyModel<AutoencoderKL>
  let maskedAutoencoder: LazyModel<MaskedAutoencoder>
  let alignment: LazyModel<AlignmentModule>
  let harmonizingDecoder: LazyModel<HarmonizingDecoder>

  public init(_ pack: OpenedPack) {
    self.pack = pack
    promptEncoder = LazyModel { try PromptEncoder(pack) }
    unet = LazyModel { try UNet2DConditionModel(pack) }
    autoencoder = LazyModel { try AutoencoderKL(pack) }
    maskedAutoencoder = LazyModel { try MaskedAutoencoder(pack) }
    alignment = LazyModel { try AlignmentModule(pack) }
    harmonizingDecoder = LazyModel { try HarmonizingDecoder(pack) }
  }

  private func model(_ part: ModelPart) -> any Loadable {
    switch part {
    case .textEncoder: promptEncoder
    case .unet: unet
    case .autoencoder: autoencoder
    case .maskedAutoencoder: maskedAutoencoder
    case .alignment: alignment
    case .harmonizingDecoder: harmonizingDecoder
    }
  }

  /// Those of `parts` that are not in memory yet.
  func missing(_ parts: [ModelPart]) -> [ModelPart] { parts.filter { !model($0).isLoaded } }

  /// Lets go of a part that a run needs no more.
  func release(_ part: ModelPart) { model(part).release() }

  /// Reads what is missing of `parts`.  Throws `CheckpointError` where a part cannot be read, and what `progress`
  /// throws to stop it.
  public func load(_ parts: [ModelPart], progress: (Progress) throws -> Void) throws {
    let missing = missing(parts)
    let sizes = try missing.map { Double(try pack.byteCount($0)) }
    var done = 0.0
    for (part, size) in zip(missing, sizes) {
      try progress(Progress(fraction: done / max(sizes.reduce(0, +), 1), stage: "Loading " + part.part.title))
      try model(part).load()
      done += size
    }
  }

  private static func check(_ what: String, of one: String, _ width: Int, _ other: String, _ otherWidth: Int) throws {
    guard width == otherWidth else {
      throw CheckpointError(
        "\(one)'s \(what) is \(width) wide, that of \(other) \(otherWidth); they belong to different models")
    }
  }

  /// The pipeline over UNet and autoencoder.  Throws `CheckpointError` where the models do not fit each other.
  public func inpainter() throws -> StableDiffusionInpainter {
    let (unet, autoencoder) = (try unet(), try autoencoder())
    do {
      let inpainter = try StableDiffusionInpainter(unet, autoencoder, SchedulerConfiguration(pack))
      if promptEncoder.isLoaded {
        try Self.check("context", of: "the UNet", inpainter.contextWidth, "the text encoder", promptEncoder().width)
      }
      if alignment.isLoaded {
        try Self.check(
          "context", of: "the UNet", inpainter.contextWidth, "the alignment module", alignment().configuration.width)
      }
      if alignment.isLoaded, maskedAutoencoder.isLoaded {
        try Self.check(
          "input", of: "the alignment module", alignment().configuration.inputWidth, "the masked autoencoder",
          maskedAutoencoder().configuration.decoder.width)
      }
      if harmonizingDecoder.isLoaded {
        let (own, other) = (autoencoder.configuration, try harmonizingDecoder().configuration.autoencoder)
        guard own.latentChannels == other.latentChannels, own.downscale == other.downscale else {
          throw CheckpointError("the harmonizing decoder's latents are not the autoencoder's; they belong to different models")
        }
      }
      return inpainter
    } catch let error as CheckpointError { throw CheckpointError("\(pack.path): \(error.message)") }
  }
}

/// A model that is read when it is first asked for.
public final class LazyModel<Model> {
  private let read: () throws -> Model
  fileprivate var model: Model?

  fileprivate init(_ read: @escaping () throws -> Model) { self.read = read }

  /// Throws `CheckpointError` where it has to be read and cannot be.
  public func callAsFunction() throws -> Model {
    if let model { return model }
    let model = try read()
    self.model = model
    return model
  }
}

private protocol Loadable {
  var isLoaded: Bool { get }
  func load() throws
  func release()
}

extension LazyModel: Loadable {
  var isLoaded: Bool { model != nil }
  func load() throws { _ = try self() }
  func release() { model = nil }
}
