// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Glibc
import Testing

/// Attention against plain loops in double.
@Suite struct AttentionTests {
  /// 3e-7 to 1e-6 here; scores of 20 and more cost a digit of the exponential.  Halves: their error in a score of about 2.
  static func limit(_ table: CProductKernels) -> Double {
    !table.halves_for_all ? 3e-6 : table.halves == CPRODUCT_FLOAT16 ? 3e-3 : 2e-2
  }

  struct Head: CustomStringConvertible {
    var width = 40, queries = 1, keys = 1, causal = false, scale: Float = 1, gap = 0

    var description: String { "\(queries) queries, \(keys) keys, width \(width), causal \(causal), gap \(gap)" }
  }

  func check(_ head: Head, _ tables: [CProductKernels] = Tables.all, _ numbers: inout Sequence) {
    let atEnd = !numbers.one(in: 3)
    let (queryStride, keyStride) = (head.width + head.gap, head.width + 2 * head.gap)
    let queries = GuardedMemory(
      numbers.floats((head.queries - 1) * queryStride + head.width, scale: 3), atEnd: atEnd)
    let keys = GuardedMemory(numbers.floats((head.keys - 1) * keyStride + head.width, scale: 2), atEnd: atEnd)
    let values = GuardedMemory(numbers.floats((head.keys - 1) * keyStride + head.width), atEnd: atEnd)
    let out = GuardedMemory(bytes: ((head.queries - 1) * queryStride + head.width) * 4, atEnd: atEnd)
    var attention = CAttention(
      queries: queries.floats, query_stride: Int64(queryStride), query_count: Int64(head.queries), packed: nil,
      key_count: Int64(head.keys), width: Int64(head.width), scale: head.scale, causal: head.causal, out: out.floats,
      out_stride: Int64(queryStride))
    var room = [Double](repeating: 0, count: head.keys)
    cattention_reference(&attention, keys.floats, values.floats, Int64(keyStride), &room)
    let expected = out.values
    for table in tables {
      memset(out.pointer, Int32(GuardedMemory.filler), out.bytes)
      let packed = GuardedMemory(bytes: Int(table.keys_bytes(Int64(head.keys), Int64(head.width))), atEnd: true)
      table.pack_keys(keys.floats, values.floats, Int64(keyStride), Int64(head.keys), Int64(head.width), packed.floats)
      #expect(packed.surroundingsAreUntouched, "packing wrote beside the packed keys")
      packed.seal()
      attention.packed = UnsafePointer(packed.floats)
      let block = numbers.pick([1, 5, Int(table.attend_rows(Int64(head.width)))])
      let scratch = GuardedMemory(bytes: Int(table.attend_scratch(Int64(head.width), Int64(block))), atEnd: true)
      for first in stride(from: 0, to: head.queries, by: block).reversed() {
        table.attend(&attention, Int64(first), Int64(min(block, head.queries - first)), scratch.pointer)
      }
      compare(out, expected, head, limit: Self.limit(table), "\(table.title), \(head), blocks of \(block)")
    }
  }

  func compare(_ out: GuardedMemory, _ expected: [Float], _ head: Head, limit: Double, _ what: String) {
    let result = out.values
    var (errors, squares, worst, place) = (0.0, 0.0, -1.0, 0)
    for index in result.indices {
      if index % (head.width + head.gap) >= head.width {
        #expect(result[index].bitPattern == UInt32.max, "\(what): wrote into a gap at \(index)")
        continue
      }
      let error = Double(result[index]) - Double(expected[index])
      if !(abs(error) <= worst) { (worst, place) = (error.isNaN ? .infinity : abs(error), index) }
      errors += error * error
      squares += Double(expected[index]) * Double(expected[index])
    }
    let relative = (errors / squares).squareRoot()
    #expect(
      relative <= limit && worst <= 20 * limit,
      """
      \(what): relative RMS \(relative), limit \(limit); worst \(worst) at \(place): \(result[place]) for \
      \(expected[place])
      """)
    #expect(out.surroundingsAreUntouched, "\(what): wrote beside the result")
  }

  static let widths = [1, 3, 7, 8, 9, 16, 17, 40, 64, 80, 160, 320, 321, 512]

  @Test(arguments: widths) func everyWidth(width: Int) {
    var numbers = Sequence(seed: 4000 + width)
    for _ in 0..<4 {
      var head = Head()
      head.width = width
      head.queries = numbers.pick([1, 2, 6, 7, 13, 17, 40])
      head.keys = numbers.pick([1, 2, 15, 16, 17, 33, 77, 120, 330])
      head.causal = numbers.one(in: 2)
      head.scale = 1 / Float(width).squareRoot()
      head.gap = numbers.pick([0, 1, 5])
      check(head, Tables.all + Tables.halves, &numbers)
    }
  }

  /// Several blocks of keys and queries.
  @Test(arguments: [false, true]) func manyKeys(causal: Bool) {
    var numbers = Sequence(seed: 5000)
    for (width, tokens) in [(40, 700), (16, 421), (160, 401)] {
      var head = Head()
      (head.width, head.queries, head.keys, head.causal) = (width, tokens, tokens, causal)
      head.scale = 1 / Float(width).squareRoot()
      check(head, Tables.all + Tables.halves, &numbers)
    }
  }

  /// The maximum rises and falls from block to block, far enough that a rescaled sum vanishes.
  @Test func largeScores() {
    var numbers = Sequence(seed: 6000)
    var head = Head()
    (head.width, head.queries, head.keys, head.scale) = (40, 30, 700, 3)
    check(head, Tables.all.filter { !$0.halves_for_all }, &numbers)
  }
}
