// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties

/// How an operation is best run with a model: what a pack's author recommends in `operations` of `recommended.json`, what a
/// LoRA was made for, or what a request says; nil for what is left open.
///
/// ```json
/// {"native_size": 512, "operations": {"inpaint:sd-inpaint": {"guidance": 5, "steps": 12, "sampler": "ddim"}}}
/// ```
/// Requests take what they leave open: guidance and steps of 0, an eta below 0, all else at `auto`.  Strength alone has a
/// default of the operation and is only shown to the user (`inpaint models`): a host does not tell a property's default
/// from the same value that somebody chose.
package struct Recommendation: Equatable, Sendable {
  package var guidance: Double?
  package var steps: Int?
  package var sampler: SamplerKind?
  package var eta: Double?
  package var spacing: Spacing?
  package var decoder: DecoderChoice?
  package var detail: DetailChoice?
  package var strength: Double?

  /// The names of those.
  static let properties: Set<String> = {
    let table = PropertyTable.shared
    return [
      table.guidance.name, table.steps.name, table.sampler.name, table.eta.name, table.spacing.name, table.decoder.name,
      table.detail.name, table.strength.name,
    ]
  }()

  package init() {}

  /// What a request says itself.
  init(_ request: Request) {
    guidance = request.guidance > 0 ? request.guidance : nil
    steps = request.steps > 0 ? request.steps : nil
    sampler = request.sampler.kind
    eta = request.eta >= 0 ? request.eta : nil
    spacing = request.spacing == .auto ? nil : request.spacing
    decoder = request.decoder == .auto ? nil : request.decoder
    detail = request.detail == .auto ? nil : request.detail
  }

  /// What a pack recommends.  Throws `InpaintingError` for a value that the property of the same name does not take.
  package init(_ pack: OpenedPack, for operation: Operation) throws {
    try self.init(pack.recommended(), pack.path + "/recommended.json", for: operation)
  }

  /// What a file of that form says; nothing without one.  Throws as above.
  init(_ json: JSON?, _ file: String, for operation: Operation) throws {
    let recommended = json?["operations"]?[operation.rawValue]
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
    sampler = try value(\.sampler)?.kind
    eta = try value(\.eta)
    spacing = try value(\.spacing)
    decoder = try value(\.decoder)
    detail = try value(\.detail)
    strength = try value(\.strength)
    guard steps != 0 else { throw InpaintingError("\(file): \(operation.rawValue): steps is 0; it may be 1 or more") }
  }

  /// Takes from another what it leaves open itself, and gives that.
  mutating func take(_ other: Self) -> Self {
    var taken = Self()
    func fill<Value>(_ member: WritableKeyPath<Self, Value?>) {
      guard self[keyPath: member] == nil, let value = other[keyPath: member] else { return }
      (self[keyPath: member], taken[keyPath: member]) = (value, value)
    }
    fill(\.guidance)
    fill(\.steps)
    fill(\.sampler)
    fill(\.eta)
    fill(\.spacing)
    fill(\.decoder)
    fill(\.detail)
    return taken
  }

  /// As properties are written.
  package var text: String {
    [
      guidance.map { "guidance=\($0)" }, steps.map { "steps=\($0)" }, sampler.map { "sampler=\($0.rawValue)" },
      eta.map { "eta=\($0)" }, spacing.map { "spacing=\($0.rawValue)" }, decoder.map { "decoder=\($0.rawValue)" },
      detail.map { "detail=\($0.rawValue)" }, strength.map { "strength=\($0)" },
    ].compactMap { $0 }.joined(separator: " ")
  }
}
