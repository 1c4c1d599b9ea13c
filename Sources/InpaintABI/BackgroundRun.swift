// SPDX-License-Identifier: LGPL-3.0-or-later
import Dispatch
import Engine
import Numerics
import Synchronization

/// A run on another thread, while the caller's thread reports its progress: hosts take progress there only.
enum BackgroundRun {
  private static let slice = DispatchTimeInterval.milliseconds(50)

  private final class State<Value: Sendable>: Sendable {
    let progress = Mutex(Progress(fraction: 0, stage: "Starting"))
    let outcome = Mutex<Result<Value, any Error>?>(nil)

    /// Keeps a preview that nobody has seen yet.
    func update(_ update: Progress) {
      progress.withLock { $0 = Progress(fraction: update.fraction, stage: update.stage, preview: update.preview ?? $0.preview) }
    }

    func latest() -> Progress {
      progress.withLock { progress in
        defer { progress.preview = nil }
        return progress
      }
    }
  }

  /// Runs `body` to its end and gives its value, or rethrows its error.  `asking` gets the latest progress at most
  /// every 50 ms, and once at the end, each preview once; when it says no, `cancel` is called once.
  static func wait<Value: Sendable>(
    for body: @escaping @Sendable ((Progress) -> Void) throws -> Value,
    asking: (Progress) -> Bool, cancel: () -> Void
  ) throws -> Value {
    let state = State<Value>()
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global(qos: .userInitiated).async {
      let outcome = Result { try body(state.update) }
      state.outcome.withLock { $0 = outcome }
      done.signal()
    }
    var isCancelled = false
    while done.wait(timeout: .now() + slice) == .timedOut {
      if !isCancelled, !asking(state.latest()) {
        isCancelled = true
        cancel()
      }
    }
    guard let outcome = state.outcome.withLock({ $0 }) else { throw Cancelled() }  // unreachable: `done` comes after it
    if case .success = outcome, !isCancelled { _ = asking(state.latest()) }
    return try outcome.get()
  }
}
