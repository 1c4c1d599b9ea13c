import Checkpoints
import Dispatch
import Glibc
import Layers
import Numerics

/// The one model that stays loaded, shared by all operations of the process.
///
/// It is released when another is asked for, or after ten minutes without a run (`GEGL_INPAINT_IDLE`, in seconds).
/// Runs take turns: each uses all processors.
package final class ModelCache: @unchecked Sendable {
  package static let shared = ModelCache()

  private let turn = DispatchSemaphore(value: 1)  // guards everything below
  private var models: LoadedModels?
  private var key: Int?
  private var useCount = 0

  private let idleSeconds: Double

  package init(idleSeconds: Double = ModelCache.configuredIdleSeconds) { self.idleSeconds = idleSeconds }

  package static var configuredIdleSeconds: Double {
    guard let text = getenv("GEGL_INPAINT_IDLE"), let seconds = Double(String(cString: text)), seconds >= 0 else {
      return 600
    }
    return min(seconds, 1e6)
  }

  /// Calls `body` with the pack's models after reading what is missing of `types`.  `prepare` is told what that is,
  /// before it is read.  Throws `Cancelled` where the workspace was, while it waits or loads.
  func withModels<Result>(
    _ pack: OpenedPack, _ types: [any PackModel.Type], in workspace: Workspace,
    prepare: (_ missing: [any PackModel.Type]) throws -> Void, progress: (Progress) -> Void, _ body: (LoadedModels) throws -> Result
  ) throws -> Result {
    try workspace.checkCancellation()
    while turn.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      progress(Progress(fraction: 0, stage: "Waiting for another run"))
      try workspace.checkCancellation()
    }
    defer {
      releaseWhenIdle()
      turn.signal()
    }
    let wanted = pack.identity
    if key != wanted {
      models = nil
      key = nil
    }
    let models = models ?? LoadedModels(pack)
    try prepare(models.missing(types))
    try models.load(types) {
      progress($0)
      try workspace.checkCancellation()
    }
    self.models = models
    key = wanted
    return try body(models)
  }

  private func releaseWhenIdle() {
    useCount += 1
    let count = useCount
    DispatchQueue.global(qos: .background).asyncAfter(deadline: .now() + idleSeconds) { [self] in
      turn.wait()
      defer { turn.signal() }
      if useCount == count {
        models = nil
        key = nil
      }
    }
  }
}
