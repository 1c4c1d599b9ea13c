import Dispatch

/// Calls `body` with ranges that cover 0 ..< count, on all processors; returns when all are done.
func concurrently(_ count: Int, _ body: (Range<Int>) -> Void) {
  // More ranges than processors, so that one that is held up by other work delays a part of its share only.
  let ranges = min(count, 64)
  guard ranges > 1 else {
    if count > 0 { body(0..<count) }
    return
  }
  withoutActuallyEscaping(body) { escaping in
    nonisolated(unsafe) let body = escaping
    DispatchQueue.concurrentPerform(iterations: ranges) { index in
      body(count * index / ranges..<count * (index + 1) / ranges)
    }
  }
}
