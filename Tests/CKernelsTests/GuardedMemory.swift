// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing

/// Memory between two pages that cannot be touched, ending or beginning right at one: a read or write outside it ends
/// the test with a signal.  What is left of the other side's page holds a pattern that is checked at the end.
final class GuardedMemory {
  static let filler: UInt8 = 0xFF  // NaN as a float: reading what was never written shows in the result

  let bytes: Int
  let pointer: UnsafeMutableRawPointer
  private let pages: UnsafeMutableRawPointer
  private let length: Int
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  init(bytes: Int, atEnd: Bool) {
    self.bytes = bytes
    let inner = (max(bytes, 1) + page - 1) / page * page
    length = inner + 2 * page
    pages = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(pages != MAP_FAILED, "no memory for \(bytes) bytes")
    memset(pages, Int32(Self.filler), length)
    mprotect(pages, page, PROT_NONE)
    mprotect(pages + page + inner, page, PROT_NONE)
    pointer = pages + page + (atEnd ? inner - bytes : 0)
  }

  convenience init(_ values: [Float], atEnd: Bool) {
    self.init(bytes: values.count * 4, atEnd: atEnd)
    values.withUnsafeBytes { if $0.count > 0 { memcpy(pointer, $0.baseAddress!, $0.count) } }
    seal()
  }

  convenience init(_ values: [UInt16], atEnd: Bool) {
    self.init(bytes: values.count * 2, atEnd: atEnd)
    values.withUnsafeBytes { if $0.count > 0 { memcpy(pointer, $0.baseAddress!, $0.count) } }
    seal()
  }

  deinit { munmap(pages, length) }

  /// From now on a write is an error too.
  func seal() { mprotect(pages + page, length - 2 * page, PROT_READ) }

  var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
  var values: [Float] { Array(UnsafeBufferPointer(start: floats, count: bytes / 4)) }

  /// Whether everything in the pages but the memory itself is as it was.
  var surroundingsAreUntouched: Bool {
    let inner = UnsafeRawBufferPointer(start: pages + page, count: length - 2 * page)
    let own = UnsafeRawPointer(pointer) - (UnsafeRawPointer(pages) + page)
    return inner.indices.allSatisfy { (own..<own + bytes).contains($0) || inner[$0] == Self.filler }
  }
}

/// A fixed sequence of numbers (Steele and Vigna's SplitMix64).
struct Sequence {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<T>(_ values: [T]) -> T { values[Int(next() % UInt64(values.count))] }
  mutating func one(in chances: Int) -> Bool { next() % UInt64(chances) == 0 }
  mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }
  mutating func float() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }
  mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in float() * scale } }
}
