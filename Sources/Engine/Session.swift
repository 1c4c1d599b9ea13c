// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Layers
import Numerics
import Properties

/// A request and the model that carries it out.  What they are made of is read and encoded once, however many jobs follow,
/// and a job that is asked for again is not painted again.
///
/// One job at a time.
package final class Session {
  /// All model families.
  package static let families: [any Painter.Type] = [DiffusionPainter.self, LaMaPainter.self]

  /// The one whose models an operation takes where nobody names one.
  static func family(of operation: Operation) -> (any Painter.Type)? { families.first { $0.operations.contains(operation) } }

  /// Those that know a pack; of a pack that none knows, the first one, which says what is missing.
  static func families(of pack: OpenedPack) -> [any Painter.Type] {
    let able = families.filter { $0.recognizes(pack) }
    return able.isEmpty ? [families[0]] : able
  }

  private let request: Request
  private let pack: OpenedPack
  private let arithmetic: Arithmetic
  private let painter: any Painter
  private let cache: ModelCache

  /// What the user may want to know before a run.
  package let note: String?
  package var traits: PaintTraits { painter.traits }

  /// Throws where there is no model that can do it.
  package convenience init(_ request: Request) throws {
    let (request, note) = request.carriedOut()
    try self.init(request, try ModelSearch(request.operation).open(request.model), note: note)
  }

  package init(
    _ request: Request, _ pack: OpenedPack, note: String? = nil, families: [any Painter.Type] = Session.families,
    cache: ModelCache = .shared, arithmetic: Arithmetic? = nil
  ) throws {
    _ = try ModelCache.configuredIdleSeconds()  // said here: the cache itself is made once a process
    let able = families.filter { $0.operations.contains(request.operation) }
    // Where a pack is of none of them, the first one says what it lacks.
    guard let family = able.first(where: { $0.recognizes(pack) }) ?? able.first else {
      throw InpaintingError("no model paints this; it is made of other operations by the host")
    }
    self.request = request
    self.pack = pack
    self.arithmetic = arithmetic ?? request.precision.arithmetic
    self.cache = cache
    painter = try family.init(request, pack)
    let notes = [note ?? painter.note, request.precision.note].compactMap { $0 }
    self.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
  }

  /// Throws with both numbers and a remedy if a job of this size does not fit the memory.
  package func admit(_ size: PaintSize) throws { try memory(size).check() }

  /// Bytes that a job takes at its peak with nothing read yet.
  package func bytesNeeded(_ size: PaintSize) throws -> Int {
    try memory(size).reading(weightBytes(painter.needs(LoadedModels(pack)))).needed
  }

  /// Reads what the pack has beside the models for the request.  Throws where that does not fit them.
  func check(_ models: LoadedModels, in workspace: Workspace) throws { try painter.check(models, in: workspace) }

  private func memory(_ size: PaintSize) throws -> MemoryPlan {
    let sizes = [(size.width, size.height), (size.tile.width, size.tile.height)].filter { $0.0 > 0 }
    let bytes = try sizes.map { try painter.tensorBytes(width: $0.0, height: $0.1) }
    let canQuantize = PropertyTable.shared.precision.operations.contains(request.operation) && !arithmetic.isQuantized
    return MemoryPlan(tensorBytes: bytes.max() ?? 0, size, canQuantize: canQuantize)
  }

  private func weightBytes(_ models: [any PackModel.Type]) throws -> Int {
    try models.reduce(painter.extraBytes) { try $0 + $1.byteCount(pack, arithmetic) }
  }

  /// Paints; `workspace.cancel()` stops it between two layers.
  ///
  /// Throws `Cancelled`, `CheckpointError` or `InpaintingError`.
  package func paint(
    _ job: PaintJob, _ size: PaintSize, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    let key = PaintedJob(request, job)
    return try cache.withModels(pack, arithmetic, in: workspace, progress: progress) { models in
      if let painted: Picture = models.recent[key] { return painted }
      let result = try paint(job, size, models, in: workspace, progress: progress)
      models.recent.keep(result, for: key, bytes: key.bytes + result.bytes)
      return result
    }
  }

  private func paint(
    _ job: PaintJob, _ size: PaintSize, _ models: LoadedModels, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    try read(painter.needs(models), try memory(size), models, in: workspace) {
      progress(Progress(fraction: Self.loadingShare * $0.fraction, stage: $0.stage))
    }
    let result = try painter.paint(job, models, in: workspace) {
      progress($0.within(Self.loadingShare + (1 - Self.loadingShare) * $0.fraction))
    }
    workspace.trim()
    try workspace.checkCancellation()
    guard result.values.allSatisfy(\.isFinite) else {
      throw InpaintingError("the model gave values that are not numbers; its files may be damaged")
    }
    return result
  }

  /// Of what is shown.
  private static let loadingShare = 0.1

  /// Reads what is missing of `needs` where it fits the memory, and reserves that of the tensors.
  private func read(
    _ needs: [any PackModel.Type], _ memory: MemoryPlan, _ models: LoadedModels, in workspace: Workspace,
    progress: (Progress) -> Void
  ) throws {
    let missing = models.missing(needs)
    let released = painter.released.filter { model in missing.contains { $0 == model } }
    let releasedBytes = try released.reduce(0) { try $0 + $1.byteCount(pack, arithmetic) }
    try memory.reading(weightBytes(missing), releasing: releasedBytes).check()
    try workspace.reserve(memory.tensorBytes)
    try models.load(needs) {
      progress($0)
      try workspace.checkCancellation()
    }
  }
}

extension Precision {
  /// Of the models that most of the time and memory goes into.
  package var arithmetic: Arithmetic {
    switch self {
    case .auto: .fastest
    case .float32: .float32
    case .float16: .float16 ?? .float32
    case .bfloat16: .bfloat16 ?? .float32
    case .int8: .int8
    }
  }

  /// What the user may want to know where it is asked for and not to be had.
  var note: String? {
    let isMissing = self == .float16 && Arithmetic.float16 == nil || self == .bfloat16 && Arithmetic.bfloat16 == nil
    return isMissing
      ? "no products of \(rawValue) are to be had on this machine, so float32 is taken; precision=auto takes the fastest there is"
      : nil
  }
}

/// What a picture of a pack's models is made of: all that it depends on.
private struct PaintedJob: Equatable {
  private let request: Request
  /// Of the request's files.
  private let files: [Int]
  private let job: PaintJob

  init(_ request: Request, _ job: PaintJob) {
    self.request = request
    self.job = job
    files = [request.lora, Recommendation.fileBeside(request.lora), request.taskPrompt, request.promptFile].map(fileIdentity)
  }

  var bytes: Int { job.picture.bytes + job.hole.bytes + job.unknown.bytes }
}

extension Picture {
  fileprivate var bytes: Int { values.count * MemoryLayout<Float>.stride }
}
