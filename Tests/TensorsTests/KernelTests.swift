import CKernels
import Glibc
import Testing

/// Every instruction set's kernels against the plain ones, at widths that fill no vector exactly.
@Suite struct KernelTests {
  static let tables: [CKernels] = {
    var tables = [UnsafePointer<CKernels>?](repeating: nil, count: 8)
    let count = ckernels_available(&tables, 8)
    return tables.prefix(Int(count)).map { $0!.pointee }
  }()
  static let names = tables.map { String(cString: $0.name) }
  let plain = ckernels_reference().pointee

  /// Values in -range ... range from a fixed sequence.
  func values(_ count: Int, range: Float = 4, seed: UInt64 = 1) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Float(state >> 40) / Float(1 << 24) * 2 - 1) * range
    }
  }

  @Test(arguments: names.indices) func everyHalfIsWidenedExactly(table: Int) {
    let halves = (0...UInt16.max).map { $0 }
    var expected = [Float](repeating: 0, count: halves.count)
    var result = expected
    plain.half_to_float(halves, &expected, Int64(halves.count))
    Self.tables[table].half_to_float(halves, &result, Int64(halves.count))
    let wrong = halves.indices.filter {
      expected[$0].isNaN ? !result[$0].isNaN : expected[$0].bitPattern != result[$0].bitPattern
    }
    #expect(wrong.isEmpty, "\(Self.names[table]): \(wrong.count) differ, first \(wrong.first ?? 0)")
  }

  @Test(arguments: names.indices) func everyBfloatIsWidenedExactly(table: Int) {
    let halves = (0...UInt16.max).map { $0 }
    var result = [Float](repeating: 0, count: halves.count)
    Self.tables[table].bfloat_to_float(halves, &result, Int64(halves.count))
    #expect(halves.indices.allSatisfy { result[$0].bitPattern == UInt32(halves[$0]) << 16 })
  }

  @Test(arguments: names.indices) func activationsAreThoseOfTheCLibrary(table: Int) {
    let x = values(4099, range: 30) + [0, -0.0, 100, -100, 1e-20]
    let pairs: [(String, KeyPath<CKernels, (@convention(c) (UnsafeMutablePointer<Float>?, Int64) -> Void)?>)] = [
      ("silu", \.silu), ("gelu", \.gelu), ("quick_gelu", \.quick_gelu), ("gelu_tanh", \.gelu_tanh), ("relu", \.relu),
    ]
    for (name, kernel) in pairs {
      var expected = x
      var result = x
      plain[keyPath: kernel]!(&expected, Int64(x.count))
      Self.tables[table][keyPath: kernel]!(&result, Int64(x.count))
      expectClose(result, expected, absolute: 2e-6, relative: 2e-6, "\(Self.names[table]) \(name)")
    }
  }

  @Test(arguments: names.indices) func gatedGELU(table: Int) {
    let gated = values(7 * 2 * 45)
    var expected = [Float](repeating: 0, count: 7 * 45)
    var result = expected
    plain.geglu(gated, &expected, 7, 45)
    Self.tables[table].geglu(gated, &result, 7, 45)
    expectClose(result, expected, absolute: 2e-6, relative: 2e-6, Self.names[table])
  }

  @Test(arguments: names.indices) func groupMoments(table: Int) {
    // A mean far from zero: a one-pass variance would lose its digits here.
    let x = values(333 * 60).map { $0 + 500 }
    var expected = ([Float](repeating: 0, count: 20), [Float](repeating: 0, count: 20))
    var result = expected
    var scratch = [Float](repeating: 0, count: 60)
    plain.group_moments(x, 333, 60, 20, &expected.0, &expected.1, &scratch)
    Self.tables[table].group_moments(x, 333, 60, 20, &result.0, &result.1, &scratch)
    expectClose(result.0, expected.0, absolute: 0, relative: 1e-6, Self.names[table])
    expectClose(result.1, expected.1, absolute: 0, relative: 1e-5, Self.names[table])
  }

  @Test(arguments: names.indices) func scaleAndShift(table: Int) {
    let (x, scale, shift) = (values(5 * 37), values(37, seed: 2), values(37, seed: 3))
    for silu in [false, true] {
      var expected = [Float](repeating: 0, count: x.count)
      var result = expected
      plain.scale_shift(x, &expected, scale, shift, 5, 37, silu)
      Self.tables[table].scale_shift(x, &result, scale, shift, 5, 37, silu)
      expectClose(result, expected, absolute: 4e-6, relative: 2e-6, Self.names[table])
    }
  }

  @Test(arguments: names.indices) func layerNorm(table: Int) {
    let (x, scale, shift) = (values(5 * 333), values(333, seed: 2), values(333, seed: 3))
    var expected = [Float](repeating: 0, count: x.count)
    var result = expected
    plain.layer_norm(x, &expected, scale, shift, 5, 333, 1e-5)
    Self.tables[table].layer_norm(x, &result, scale, shift, 5, 333, 1e-5)
    expectClose(result, expected, absolute: 5e-6, relative: 2e-6, Self.names[table])
  }

  @Test(arguments: names.indices) func runningSoftmax(table: Int) {
    let (rows, columns, width) = (9, 53, 21)
    for limit in [Int64(columns), 1, -3] {
      var expected = (values(rows * columns), values(rows, seed: 4), values(rows, seed: 5), values(rows * width))
      var result = expected
      plain.softmax_turn(
        &expected.0, Int64(columns), Int64(rows), Int64(columns), limit, &expected.1, &expected.2, &expected.3,
        Int64(width))
      Self.tables[table].softmax_turn(
        &result.0, Int64(columns), Int64(rows), Int64(columns), limit, &result.1, &result.2, &result.3, Int64(width))
      expectClose(result.0, expected.0, absolute: 1e-6, relative: 2e-6, "scores, \(Self.names[table]), \(limit)")
      expectClose(result.1, expected.1, absolute: 0, relative: 0, "maxima, \(Self.names[table]), \(limit)")
      expectClose(result.2, expected.2, absolute: 1e-5, relative: 2e-6, "sums, \(Self.names[table]), \(limit)")
      expectClose(result.3, expected.3, absolute: 1e-6, relative: 2e-6, "result, \(Self.names[table]), \(limit)")
    }
  }
}

/// Fails with the place and size of the largest excess over the limit.
func expectClose(
  _ result: [Float], _ expected: [Float], absolute: Float, relative: Float, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.count == expected.count, "\(what): counts", sourceLocation: sourceLocation)
  let worst = zip(result, expected).enumerated().max { first, second in
    excess(first.element) < excess(second.element)
  }
  func excess(_ pair: (Float, Float)) -> Float {
    let difference = abs(pair.0 - pair.1) - relative * abs(pair.1) - absolute
    return difference.isNaN ? .infinity : difference
  }
  guard let worst else { return }
  #expect(
    excess(worst.element) <= 0,
    "\(what): at \(worst.offset) \(worst.element.0), expected \(worst.element.1) within \(absolute) + \(relative) x",
    sourceLocation: sourceLocation)
}
