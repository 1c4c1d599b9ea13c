// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Dispatch
import Glibc
import Layers
import Numerics

/// The one model that stays loaded, shared by all operations of the process.
///
/// It is released when another is asked for, or the same in another arithmetic, or after ten minutes without a run
/// (`GEGL_INPAINT_IDLE`, in seconds).
/// Runs take turns: each uses all processors.
package final class ModelCache: @unchecked Sendable {
  package static let shared = ModelCache()

  private let turn = DispatchSemaphore(value: 1)  // guards everything below
  private var models: LoadedModels?
  private var key: Key?
  private var useCount = 0

  private struct Key: Equatable {
    let pack: Int
    let arithmetic: String
  }

  private let idleSeconds: Double
  private let schedule: @Sendable (_ seconds: Double, _ work: @escaping @Sendable () -> Void) -> Void

  /// schedule: calls `work` on some thread when the seconds are over.
  package init(
    idleSeconds: Double = (try? ModelCache.configuredIdleSeconds()) ?? ModelCache.defaultIdleSeconds,
    schedule: @escaping @Sendable (Double, @escaping @Sendable () -> Void) -> Void = { seconds, work in
      DispatchQueue.global(qos: .background).asyncAfter(deadline: .now() + seconds, execute: work)
    }
  ) {
    self.idleSeconds = idleSeconds
    self.schedule = schedule
  }

  package static let defaultIdleSeconds = 600.0

  /// Throws where the variable is no number of seconds.
  package static func configuredIdleSeconds(
    _ environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) throws -> Double {
    guard let text = environment("GEGL_INPAINT_IDLE"), !text.isEmpty else { return defaultIdleSeconds }
    guard let seconds = Double(text), seconds >= 0 else {
      throw InpaintingError("the variable GEGL_INPAINT_IDLE is \"\(text)\"; it may be a number of seconds, or unset")
    }
    return min(seconds, 1e6)
  }

  /// Calls `body` with what has been read of the pack, and keeps what it reads.  Throws `Cancelled` where the workspace was,
  /// while it waits.
  func withModels<Result>(
    _ pack: OpenedPack, _ arithmetic: Arithmetic, in workspace: Workspace, progress: (Progress) -> Void,
    _ body: (LoadedModels) throws -> Result
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
    let key = Key(pack: pack.identity, arithmetic: arithmetic.name)
    if key != self.key { models = nil }
    self.key = key
    let models = models ?? LoadedModels(pack, arithmetic)
    self.models = models
    return try body(models)
  }

  private func releaseWhenIdle() {
    useCount += 1
    let count = useCount
    schedule(idleSeconds) { [self] in
      turn.wait()
      defer { turn.signal() }
      if useCount == count {
        models = nil
        key = nil
      }
    }
  }
}
