// SPDX-License-Identifier: LGPL-3.0-or-later
import Dispatch
import Glibc
import Testing

@testable import InpaintABI

/// The bodies here wait for the caller's thread, so that no result hangs on who is faster.
@Suite struct BackgroundRunTests {
  @Test func theCallersThreadIsToldTheLatestProgress() throws {
    let told = DispatchSemaphore(value: 0)
    var (stages, threads): ([String], Set<pthread_t>) = ([], [])
    try BackgroundRun.wait(
      for: { report in
        report(.init(fraction: 0.2, stage: "Step 1 of 2"))
        told.wait()
        report(.init(fraction: 1, stage: "Decoding"))
      },
      asking: { progress in
        stages.append(progress.stage)
        threads.insert(pthread_self())
        if progress.stage == "Step 1 of 2" { told.signal() }
        return true
      }, cancel: {})
    #expect(stages.contains("Step 1 of 2") && stages.last == "Decoding")
    #expect(threads == [pthread_self()])
  }

  @Test func aNoCancelsOnceAndNothingIsAskedAfterIt() {
    struct Stopped: Error {}
    let stop = DispatchSemaphore(value: 0)
    var (asked, cancelled) = (0, 0)
    #expect(throws: Stopped.self) {
      try BackgroundRun.wait(
        for: { _ in
          stop.wait()
          throw Stopped()
        },
        asking: { _ in
          asked += 1
          return false
        },
        cancel: {
          cancelled += 1
          stop.signal()
        })
    }
    #expect(asked == 1 && cancelled == 1)
  }
}
