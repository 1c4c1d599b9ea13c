import Checkpoints
import StableDiffusion

/// What a pack's author advises for an operation: `operations` of `recommended.json`.
///
/// ```json
/// {"native_size": 512, "operations": {"inpaint:sd-inpaint": {"guidance": 5, "steps": 12, "sampler": "ddim"}}}
/// ```
/// Guidance and steps are taken by requests that leave theirs at 0, decoder and detail by those that leave theirs at `auto`.
/// Sampler and strength have defaults of the operation, and are shown to the user (`inpaint models`): a host does not
/// tell a property's default from the same value that somebody chose.
public struct Recommendation: Equatable, Sendable {
  public let guidance: Double?
  public let steps: Int?
  public let sampler: SamplerKind?
  public let strength: Double?
  public let decoder: DecoderChoice?
  public let detail: DetailChoice?

  /// Throws `InpaintingError` for a value that the property of the same name does not take.
  public init(_ pack: OpenedPack, for operation: Operation) throws {
    let file = pack.path + "/recommended.json"
    let advice = try pack.recommended()?["operations"]?[operation.rawValue]
    func value<Value>(_ name: String, _ read: (JSON) -> Value?) throws -> Value? {
      guard let member = advice?[name] else { return nil }
      guard let value = read(member) else {
        throw InpaintingError("\(file): \(operation.rawValue) has a \(name) that it does not take")
      }
      return value
    }
    guidance = try value("guidance") { json in json.double.flatMap { PropertyRanges.guidance.contains($0) ? $0 : nil } }
    steps = try value("steps") { json in json.int.flatMap { $0 > 0 && PropertyRanges.steps.contains($0) ? $0 : nil } }
    sampler = try value("sampler") { json in json.string.flatMap(SamplerKind.init) }
    decoder = try value("decoder") { json in json.string.flatMap(DecoderChoice.init) }
    detail = try value("detail") { json in json.string.flatMap(DetailChoice.init) }
    strength = try value("strength") { json in json.double.flatMap { PropertyRanges.strength.contains($0) ? $0 : nil } }
  }
}
