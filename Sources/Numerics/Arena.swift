// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// One range of addresses that blocks are cut from.  The system gives pages behind them when they are first written to.
struct Arena: ~Copyable {
  let addresses: Range<UInt>
  private var unused: [Range<UInt>]  // in order, never touching each other

  /// nil where the system refuses that many bytes, a multiple of the page size.
  init?(byteCount: Int) {
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    let start = UInt(bitPattern: memory)
    addresses = start..<start + UInt(byteCount)
    unused = [addresses]
  }

  deinit { munmap(UnsafeMutableRawPointer(bitPattern: addresses.lowerBound), addresses.count) }

  /// The smallest place that is large enough, so that large ones stay whole; nil if there is none.
  mutating func take(_ byteCount: Int) -> UInt? {
    let large = unused.indices.filter { unused[$0].count >= byteCount }
    guard let index = large.min(by: { unused[$0].count < unused[$1].count }) else { return nil }
    let place = unused[index]
    let rest = place.lowerBound + UInt(byteCount)..<place.upperBound
    if rest.isEmpty { unused.remove(at: index) } else { unused[index] = rest }
    return place.lowerBound
  }

  /// `address`: as `take` gave it for so many bytes.
  mutating func free(_ address: UInt, _ byteCount: Int) {
    var place = address..<address + UInt(byteCount)
    let index = unused.firstIndex { $0.lowerBound > address } ?? unused.count
    if index < unused.count, unused[index].lowerBound == place.upperBound {
      place = place.lowerBound..<unused.remove(at: index).upperBound
    }
    if index > 0, unused[index - 1].upperBound == place.lowerBound {
      unused[index - 1] = unused[index - 1].lowerBound..<place.upperBound
    } else {
      unused.insert(place, at: index)
    }
  }

  /// Returns the pages of what is unused to the system; the addresses stay.
  func trim() {
    for place in unused { madvise(UnsafeMutableRawPointer(bitPattern: place.lowerBound), place.count, MADV_DONTNEED) }
  }
}
