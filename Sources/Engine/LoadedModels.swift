// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// The models of one pack, each read when a run first needs it, and what they have made last.
package final class LoadedModels {
  package let pack: OpenedPack
  /// Of those that can be quantized.
  let arithmetic: Arithmetic
  private var models: [String: any PackModel] = [:]  // by their parts' names
  /// Encoded texts, pictures.
  package let recent = Recent()

  package init(_ pack: OpenedPack, _ arithmetic: Arithmetic = .float32) {
    self.pack = pack
    self.arithmetic = arithmetic
  }

  /// A model, read where it has not been.  Throws `CheckpointError` where it cannot be.
  package func callAsFunction<Model: PackModel>(_ type: Model.Type = Model.self) throws -> Model {
    if let model = models[Model.part.name] as? Model { return model }
    let model = try Model(pack, arithmetic)
    models[Model.part.name] = model
    return model
  }

  /// A model that is in memory.
  func loaded<Model: PackModel>(_ type: Model.Type = Model.self) -> Model? { models[Model.part.name] as? Model }

  private func load<Model: PackModel>(_ type: Model.Type) throws { _ = try self(type) }

  /// Those of `types` that are not in memory yet.
  func missing(_ types: [any PackModel.Type]) -> [any PackModel.Type] { types.filter { models[$0.part.name] == nil } }

  /// Lets go of a model that a run needs no more.
  func release(_ type: any PackModel.Type) { models[type.part.name] = nil }

  /// Reads what is missing of `types`.  Throws `CheckpointError` where a part cannot be read, and what `progress` throws
  /// to stop it.
  package func load(_ types: [any PackModel.Type], progress: (Progress) throws -> Void) throws {
    let missing = missing(types)
    let sizes = try missing.map { Double(try pack.byteCount($0.part)) }
    var done = 0.0
    for (type, size) in zip(missing, sizes) {
      try progress(Progress(fraction: done / max(sizes.reduce(0, +), 1), stage: "Loading " + type.part.title))
      try load(type)
      done += size
    }
  }
}
