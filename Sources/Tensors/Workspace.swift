import Glibc
import Synchronization

/// Where tensors and kernels' scratch get their memory.
///
/// Blocks are kept when they are returned and handed out again for the same size, so that a loop which repeats the
/// same shapes allocates in its first turn only.
public final class Workspace: Sendable {
  /// One allocation; goes back to its workspace when the last tensor that uses it goes.
  final class Block: @unchecked Sendable {
    let workspace: Workspace
    let pointer: UnsafeMutablePointer<Float>
    let capacity: Int

    init(workspace: Workspace, pointer: UnsafeMutablePointer<Float>, capacity: Int) {
      self.workspace = workspace
      self.pointer = pointer
      self.capacity = capacity
    }

    deinit { workspace.giveBack(pointer, capacity: capacity) }
  }

  private struct State: ~Copyable {
    var free: [Int: [UInt]] = [:]  // capacity in floats -> addresses
    var bytesHeld = 0
    var peakBytes = 0
    var largeAllocations = 0
  }

  /// Blocks of at least this many bytes are counted by `largeAllocations`.
  public static let largeBlock = 64 * 1024

  private let state = Mutex(State())
  private let isCancelled = Atomic(false)

  public init() {}

  deinit { trim() }

  /// How many times a block of 64 KB or more was taken from the system.  Constant once a loop has warmed up.
  public var largeAllocations: Int { state.withLock { $0.largeAllocations } }
  /// The most memory ever held, in bytes.
  public var peakBytes: Int { state.withLock { $0.peakBytes } }

  /// Returns all unused blocks to the system.
  public func trim() {
    state.withLock { state in
      for (capacity, addresses) in state.free {
        for address in addresses { free(UnsafeMutableRawPointer(bitPattern: address)) }
        state.bytesHeld -= capacity * addresses.count * MemoryLayout<Float>.stride
      }
      state.free = [:]
    }
  }

  func block(count: Int) -> Block {
    let capacity = Self.roundUp(count)
    return Block(workspace: self, pointer: take(capacity), capacity: capacity)
  }

  /// Whole pages, so that nearly equal sizes share blocks.
  private static func roundUp(_ count: Int) -> Int { max(1024, (count + 1023) & ~1023) }

  private func take(_ capacity: Int) -> UnsafeMutablePointer<Float> {
    let bytes = capacity * MemoryLayout<Float>.stride
    let address = state.withLock { state -> UInt in
      if let address = state.free[capacity]?.popLast() { return address }
      var memory: UnsafeMutableRawPointer?
      // Memory was planned before the run (`MemoryPlan`); a refusal here means the host took it in the meantime.
      precondition(posix_memalign(&memory, 64, bytes) == 0, "out of memory: \(bytes) bytes")
      state.bytesHeld += bytes
      state.peakBytes = max(state.peakBytes, state.bytesHeld)
      if bytes >= Self.largeBlock { state.largeAllocations += 1 }
      return UInt(bitPattern: memory)
    }
    return UnsafeMutableRawPointer(bitPattern: address)!.assumingMemoryBound(to: Float.self)
  }

  private func giveBack(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    state.withLock { $0.free[capacity, default: []].append(UInt(bitPattern: pointer)) }
  }
}

// MARK: - Cancelling

/// Thrown by a forward pass whose workspace was cancelled.
public struct Cancelled: Error {
  public init() {}
}

extension Workspace {
  /// Asks the run that uses this workspace to stop at its next layer.  May be called from any thread.
  public func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Models call this between layers.
  public func checkCancellation() throws {
    if isCancelled.load(ordering: .relaxed) { throw Cancelled() }
  }
}
