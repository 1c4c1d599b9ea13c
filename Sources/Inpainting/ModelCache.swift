import Checkpoints
import Dispatch
import Glibc
import StableDiffusion
import Tensors

/// The one model that stays loaded, shared by all operations of the process.
///
/// It is released when another is asked for, or after ten minutes without a run (`GEGL_INPAINT_IDLE`, in seconds).
/// Runs take turns: each uses all processors.
final class ModelCache: @unchecked Sendable {
  static let shared = ModelCache()

  private let turn = DispatchSemaphore(value: 1)  // guards everything below
  private var model: LoadedModel?
  private var key: Int?
  private var useCount = 0

  private let idleSeconds: Double

  init(idleSeconds: Double = ModelCache.configuredIdleSeconds) { self.idleSeconds = idleSeconds }

  private static var configuredIdleSeconds: Double {
    guard let text = getenv("GEGL_INPAINT_IDLE"), let seconds = Double(String(cString: text)), seconds >= 0 else {
      return 600
    }
    return min(seconds, 1e6)
  }

  /// Calls `body` with the pack's model after reading what is missing of `parts`.  `prepare` is told what that is,
  /// before it is read.  Throws `Cancelled` where the workspace was, while it waits or loads.
  func withModel<Result>(
    _ pack: OpenedPack, _ parts: [ModelPart], in workspace: Workspace, prepare: (_ missing: [ModelPart]) throws -> Void,
    progress: (LoadedModel.Progress) -> Void, _ body: (LoadedModel) throws -> Result
  ) throws -> Result {
    try workspace.checkCancellation()
    while turn.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      progress(LoadedModel.Progress(fraction: 0, stage: "Waiting for another run"))
      try workspace.checkCancellation()
    }
    defer {
      releaseWhenIdle()
      turn.signal()
    }
    let wanted = pack.identity
    if key != wanted {
      model = nil
      key = nil
    }
    let model = model ?? LoadedModel(pack)
    try prepare(model.missing(parts))
    try model.load(parts) {
      progress($0)
      try workspace.checkCancellation()
    }
    self.model = model
    key = wanted
    return try body(model)
  }

  private func releaseWhenIdle() {
    useCount += 1
    let count = useCount
    DispatchQueue.global(qos: .background).asyncAfter(deadline: .now() + idleSeconds) { [self] in
      turn.wait()
      defer { turn.signal() }
      if useCount == count {
        model = nil
        key = nil
      }
    }
  }
}
