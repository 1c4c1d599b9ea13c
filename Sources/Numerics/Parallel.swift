// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Dispatch
import Synchronization

/// The element-wise kernels of this processor, chosen once.
let kernels: CKernels = ckernels_table().pointee

/// Processors that this process may use.
public let processorCount = Int(ckernels_processor_count())

/// Calls `body` with 0 ..< count on all processors, and with the number of the worker that calls it.
///
/// Indices are handed out one by one, so that a processor which is held up by another process delays one index, not
/// its whole share.
private func withWorkers(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
  let workers = min(count, processorCount)
  if workers <= 1 {
    for index in 0..<count { body(index, 0) }
    return
  }
  final class Counter: Sendable { let next = Atomic(0) }
  let counter = Counter()
  withoutActuallyEscaping(body) { escaping in
    nonisolated(unsafe) let body = escaping  // the call below returns when all indices are done
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while true {
        let index = counter.next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= count { return }
        body(index, worker)
      }
    }
  }
}

/// Calls `body` with 0 ..< count on all processors.
func parallelFor(_ count: Int, _ body: (Int) -> Void) { withWorkers(count) { index, _ in body(index) } }

/// Calls `body` with ranges of about `grain` that cover 0 ..< count, on all processors; returns when all are done.
public func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  let grain = max(grain, 1)
  parallelFor((count + grain - 1) / grain) { index in
    body(index * grain..<min(count, (index + 1) * grain))
  }
}

extension Workspace {
  /// Calls `body` with 0 ..< count on all processors, each with its own `scratch` floats of undefined value.
  func parallelFor(_ count: Int, scratch: Int, _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
    let stride = (scratch + 15) & ~15
    let all = Tensor([max(1, min(count, processorCount)), stride], in: self)
    withWorkers(count) { index, worker in body(index, all.pointer + worker * stride) }
  }
}
