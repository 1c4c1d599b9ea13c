import Dispatch
import Inpainting
import Synchronization

/// A run on another thread, while the caller's thread reports its progress: hosts take progress there only.
enum BackgroundRun {
  private static let slice = DispatchTimeInterval.milliseconds(50)

  private final class State: Sendable {
    let progress = Mutex(InpaintingPlan.Progress(fraction: 0, stage: "Starting"))
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
  }

  /// Runs `body` to its end and rethrows its error.  `asking` gets the latest progress, never a smaller one, at most
  /// every 50 ms and once at the end; when it says no, `cancel` is called once.
  static func wait(
    for body: @escaping @Sendable ((InpaintingPlan.Progress) -> Void) throws -> Void,
    asking: (InpaintingPlan.Progress) -> Bool, cancel: () -> Void
  ) throws {
    let state = State()
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global(qos: .userInitiated).async {
      let outcome = Result { try body { update in state.progress.withLock { $0 = update } } }
      state.outcome.withLock { $0 = outcome }
      done.signal()
    }
    var isCancelled = false
    while done.wait(timeout: .now() + slice) == .timedOut {
      if !isCancelled, !asking(state.progress.withLock { $0 }) {
        isCancelled = true
        cancel()
      }
    }
    let outcome = state.outcome.withLock { $0 }
    if case .success = outcome, !isCancelled { _ = asking(state.progress.withLock { $0 }) }
    try outcome.get()
  }
}
