// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties

/// What a pack's author recommends for an operation: `operations` of `recommended.json`.
///
/// ```json
/// {"native_size": 512, "operations": {"inpaint:sd-inpaint": {"guidance": 5, "steps": 12, "sampler": "ddim"}}}
/// ```
/// Guidance and steps are taken by requests that leave theirs at 0, decoder and detail by those that leave theirs at `auto`.
/// Sampler and strength have defaults of the operation, and are shown to the user (`inpaint models`): a host does not
/// tell a property's default from the same value that somebody chose.
package struct Recommendation: Equatable, Sendable {
  package let guidance: Double?
  package let steps: Int?
  package let sampler: SamplerKind?
  package let strength: Double?
  package let decoder: DecoderChoice?
  package let detail: DetailChoice?

  /// The names of those.
  static let properties: Set<String> = {
    let table = PropertyTable.shared
    return [
      table.guidance.name, table.steps.name, table.sampler.name, table.strength.name, table.decoder.name, table.detail.name,
    ]
  }()

  /// Throws `InpaintingError` for a value that the property of the same name does not take.
  package init(_ pack: OpenedPack, for operation: Operation) throws {
    let file = pack.path + "/recommended.json"
    let recommended = try pack.recommended()?["operations"]?[operation.rawValue]
    func value<Value>(_ property: KeyPath<PropertyTable, Property<Value>>) throws -> Value? {
      let property = PropertyTable.shared[keyPath: property]
      guard let member = recommended?[property.name] else { return nil }
      let text = member.string ?? member.int.map(String.init) ?? member.double.map { "\($0)" } ?? "no value"
      do { return try property.value(of: text) as? Value } catch let error {
        throw InpaintingError("\(file): \(operation.rawValue): \(error)")
      }
    }
    guidance = try value(\.guidance)
    steps = try value(\.steps)
    sampler = try value(\.sampler)
    decoder = try value(\.decoder)
    detail = try value(\.detail)
    strength = try value(\.strength)
    guard steps != 0 else { throw InpaintingError("\(file): \(operation.rawValue): steps is 0; it may be 1 or more") }
  }

  /// Whether a request's fill gets the detail of what is around it.
  func matchesDetail(_ request: Request) -> Bool {
    (request.detail == .auto ? detail ?? .auto : request.detail) == .surroundings
  }

  /// As properties are written.
  package var text: String {
    [
      guidance.map { "guidance=\($0)" }, steps.map { "steps=\($0)" }, sampler.map { "sampler=\($0.rawValue)" },
      decoder.map { "decoder=\($0.rawValue)" }, detail.map { "detail=\($0.rawValue)" }, strength.map { "strength=\($0)" },
    ].compactMap { $0 }.joined(separator: " ")
  }
}
