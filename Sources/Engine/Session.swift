// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Layers
import Numerics
import Properties

/// A request and the model that carries it out.  What they are made of is read and encoded once, however many jobs follow.
///
/// One job at a time.
package final class Session {
  /// All model families.
  package static let families: [any Painter.Type] = [DiffusionPainter.self, LaMaPainter.self]

  /// The one whose models an operation takes where nobody names one.
  static func family(of operation: Operation) -> (any Painter.Type)? { families.first { $0.operations.contains(operation) } }

  private let request: Request
  private let pack: OpenedPack
  private let painter: any Painter
  private let cache: ModelCache

  /// What the user may want to know before a run.
  package var note: String? { painter.note }
  package var traits: PaintTraits { painter.traits }

  /// Throws where there is no model that can do it.
  package convenience init(_ request: Request) throws {
    try self.init(request, try ModelSearch(request.operation).open(request.model))
  }

  package init(
    _ request: Request, _ pack: OpenedPack, families: [any Painter.Type] = Session.families, cache: ModelCache = .shared
  ) throws {
    _ = try ModelCache.configuredIdleSeconds()  // said here: the cache itself is made once a process
    let able = families.filter { $0.operations.contains(request.operation) }
    // Where a pack is of none of them, the first one says what it lacks.
    guard let family = able.first(where: { $0.recognizes(pack) }) ?? able.first else {
      throw InpaintingError("no model paints this; it is made of other operations by the host")
    }
    self.request = request
    self.pack = pack
    self.cache = cache
    painter = try family.init(request, pack)
  }

  /// Throws with both numbers and a remedy if a job of this size does not fit the memory.
  package func admit(_ size: PaintSize) throws { try memory(size).check() }

  /// Bytes that a job takes at its peak with nothing read yet.
  package func bytesNeeded(_ size: PaintSize) throws -> Int {
    try memory(size).reading(weightBytes(painter.needs)).needed
  }

  /// Reads what the pack has beside the models for the request.  Throws where that does not fit them.
  func check(_ models: LoadedModels, in workspace: Workspace) throws { try painter.check(models, in: workspace) }

  private func memory(_ size: PaintSize) throws -> MemoryPlan {
    MemoryPlan(tensorBytes: try painter.tensorBytes(width: size.width, height: size.height), size)
  }

  private func weightBytes(_ models: [any PackModel.Type]) throws -> Int {
    try models.reduce(painter.extraBytes) { try $0 + pack.byteCount($1.part) }
  }

  /// Paints; `workspace.cancel()` stops it between two layers.
  ///
  /// Throws `Cancelled`, `CheckpointError` or `InpaintingError`.
  package func paint(
    _ job: PaintJob, _ size: PaintSize, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    let memory = try memory(size)
    let result = try cache.withModels(
      pack, painter.needs, in: workspace,
      prepare: { missing in
        let released = painter.released.filter { model in missing.contains { $0 == model } }
        try memory.reading(
          weightBytes(missing), releasing: released.reduce(0) { try $0 + pack.byteCount($1.part) }
        ).check()
        try workspace.reserve(memory.tensorBytes)
      },
      // Loading is the first tenth of what is shown.
      progress: { progress(Progress(fraction: 0.1 * $0.fraction, stage: $0.stage)) },
      { models in
        try painter.paint(job, models, in: workspace) {
          progress(Progress(fraction: 0.1 + 0.9 * $0.fraction, stage: $0.stage))
        }
      })
    workspace.trim()
    try workspace.checkCancellation()
    guard result.values.allSatisfy(\.isFinite) else {
      throw InpaintingError("the model gave values that are not numbers; its files may be damaged")
    }
    return result
  }
}
