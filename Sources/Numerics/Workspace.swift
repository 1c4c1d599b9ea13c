// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Synchronization

/// Where tensors and kernels' scratch get their memory.
///
/// A run that knows what it will take reserves that first (`reserve`), and its blocks are cut from it.  Others, and
/// what was not foreseen, come from the system one by one; these are kept when they are returned and handed out again
/// for the same size, so that a loop which repeats the same shapes allocates the first time only.
public final class Workspace: Sendable {
  /// One allocation; goes back to its workspace when the last tensor that uses it goes.
  final class Block: @unchecked Sendable {
    let workspace: Workspace
    let pointer: UnsafeMutablePointer<Float>
    let capacity: Int
    /// Whether it stands where memory was refused: other blocks lie there too, so that its values mean nothing.
    let isPoisoned: Bool

    init(workspace: Workspace, pointer: UnsafeMutablePointer<Float>, capacity: Int, isPoisoned: Bool) {
      self.workspace = workspace
      self.pointer = pointer
      self.capacity = capacity
      self.isPoisoned = isPoisoned
    }

    deinit { if !isPoisoned { workspace.free(pointer, capacity: capacity) } }
  }

  private struct State: ~Copyable {
    var arena: Arena?
    var unused: [Int: [UInt]] = [:]  // of the system's: capacity in floats -> addresses
    var bytesHeld = 0
    var peakBytes = 0
    var largeAllocations = 0
    var refused: OutOfMemory?

    mutating func hold(_ bytes: Int) {
      bytesHeld += bytes
      peakBytes = max(peakBytes, bytesHeld)
    }
  }

  /// Blocks of at least this many bytes are counted by `largeAllocations`.
  public static let largeBlock = 64 * 1024

  private let state = Mutex(State())
  private let isCancelled = Atomic(false)
  let profile: Profile?

  /// `profile` is told what the layers take that work here.
  public init(profile: Profile? = nil) { self.profile = profile }

  deinit { trim() }

  /// How many times a block of 64 KB or more was taken from the system.  Constant once a loop has warmed up; 0 where
  /// what was reserved was enough.
  public var largeAllocations: Int { state.withLock { $0.largeAllocations } }
  /// The most memory ever held, in bytes.
  public var peakBytes: Int { state.withLock { $0.peakBytes } }

  /// Takes the addresses for so many bytes of blocks, once.  Throws `OutOfMemory` where the system refuses them.
  public func reserve(_ bytes: Int) throws {
    let bytes = Self.roundUp((bytes + Self.floatSize - 1) / Self.floatSize) * Self.floatSize
    try state.withLock { state in
      guard state.arena == nil else { return }
      state.arena = Arena(byteCount: bytes)
      if state.arena == nil { throw OutOfMemory(byteCount: bytes) }
    }
  }

  /// Returns all unused blocks to the system.
  public func trim() { state.withLock { Self.trim(&$0) } }

  private static func trim(_ state: inout State) {
    state.arena?.trim()
    for (capacity, addresses) in state.unused {
      for address in addresses { Glibc.free(UnsafeMutableRawPointer(bitPattern: address)) }
      state.bytesHeld -= capacity * addresses.count * floatSize
    }
    state.unused = [:]
  }

  func block(count: Int) -> Block {
    let capacity = Self.roundUp(count)
    let (address, isPoisoned) = state.withLock { Self.take(capacity, &$0) }
    return Block(
      workspace: self, pointer: UnsafeMutableRawPointer(bitPattern: address)!.assumingMemoryBound(to: Float.self),
      capacity: capacity, isPoisoned: isPoisoned)
  }

  private static let floatSize = MemoryLayout<Float>.stride

  /// Whole pages, so that nearly equal sizes share blocks.
  private static func roundUp(_ count: Int) -> Int { max(1024, (count + 1023) & ~1023) }

  private static func take(_ capacity: Int, _ state: inout State) -> (address: UInt, isPoisoned: Bool) {
    let bytes = capacity * floatSize
    if let address = state.arena?.take(bytes) {
      state.hold(bytes)
      return (address, false)
    }
    if let address = state.unused[capacity]?.popLast() { return (address, false) }
    var address = allocate(bytes)
    if address == nil {
      trim(&state)
      address = allocate(bytes)
    }
    if let address {
      state.hold(bytes)
      if bytes >= largeBlock { state.largeAllocations += 1 }
      return (address, false)
    }
    return (poisonedAddress(bytes, &state), true)
  }

  private static func allocate(_ bytes: Int) -> UInt? {
    var memory: UnsafeMutableRawPointer?
    return posix_memalign(&memory, 64, bytes) == 0 ? UInt(bitPattern: memory) : nil
  }

  /// Where to write what the system has no memory for, since arithmetic cannot fail.
  ///
  /// The address is that of blocks in use: from a refused block on, all results of the workspace are poisoned, those of
  /// earlier tensors too.  The run's next layer throws (`checkCancellation`), and nothing of it may be kept.
  private static func poisonedAddress(_ bytes: Int, _ state: inout State) -> UInt {
    state.refused = state.refused ?? OutOfMemory(byteCount: bytes)
    let place = state.arena?.addresses ?? 0..<0
    precondition(bytes <= place.count, "out of memory: \(bytes) bytes, \(place.count) are reserved")
    return place.lowerBound
  }

  private func free(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    let address = UInt(bitPattern: pointer)
    state.withLock { state in
      if state.arena?.addresses.contains(address) == true {
        state.arena?.free(address, capacity * Self.floatSize)
        state.bytesHeld -= capacity * Self.floatSize
      } else {
        state.unused[capacity, default: []].append(address)
      }
    }
  }
}

/// The system refused memory.
public struct OutOfMemory: Error, CustomStringConvertible {
  public let byteCount: Int

  public var description: String {
    "the system refused \((byteCount + (1 << 20) - 1) >> 20) MB of memory; close other programs, raise the process' "
      + "limit (ulimit -v), or use a smaller working-size or crop=auto"
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

  /// Models call this between layers.  Throws `Cancelled`, or `OutOfMemory` where a block was refused.
  public func checkCancellation() throws {
    if isCancelled.load(ordering: .relaxed) { throw Cancelled() }
    if let refused = state.withLock({ $0.refused }) { throw refused }
  }
}
