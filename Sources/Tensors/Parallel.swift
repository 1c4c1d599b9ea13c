import CKernels
import Dispatch

/// The element-wise kernels of this processor, chosen once.
let kernels: CKernels = ckernels_table().pointee

/// Calls `body` with 0 ..< count on all cores.  Indices are handed out one by one, so that a core which is held up by
/// another process delays one index, not its whole share.
func parallel(_ count: Int, _ body: (Int) -> Void) {
  if count <= 1 {
    if count == 1 { body(0) }
    return
  }
  withoutActuallyEscaping(body) { escaping in
    nonisolated(unsafe) let body = escaping  // the call below returns when all indices are done
    DispatchQueue.concurrentPerform(iterations: count) { body($0) }
  }
}

/// Calls `body` with ranges of about `grain` that cover 0 ..< count, on all cores.
func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  let grain = max(grain, 1)
  parallel((count + grain - 1) / grain) { index in
    body(index * grain..<min(count, (index + 1) * grain))
  }
}
