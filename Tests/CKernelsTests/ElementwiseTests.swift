// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Glibc
import TestSupport
import Testing

/// Every instruction set's kernels against the plain ones, at widths that fill no vector exactly.
@Suite struct ElementwiseTests {
  static let tables: [CKernels] = {
    var tables = [UnsafePointer<CKernels>?](repeating: nil, count: 8)
    let count = ckernels_available(&tables, 8)
    let found = tables.prefix(Int(count)).map { $0!.pointee }.filter { Tables.isAsked(String(cString: $0.name)) }
    print("element-wise kernels tested: \(found.map { String(cString: $0.name) }.joined(separator: ", "))")
    return found
  }()
  static let names = tables.map { String(cString: $0.name) }
  let plain = ckernels_reference().pointee

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
    let x = seededValues(4099, range: 30) + [0, -0.0, 100, -100, 1e-20]
    let pairs: [(String, KeyPath<CKernels, (@convention(c) (UnsafeMutablePointer<Float>?, Int64) -> Void)?>)] = [
      ("silu", \.silu), ("gelu", \.gelu), ("quick_gelu", \.quick_gelu), ("gelu_tanh", \.gelu_tanh), ("relu", \.relu),
    ]
    for (name, kernel) in pairs {
      var expected = x
      var result = x
      plain[keyPath: kernel]!(&expected, Int64(x.count))
      Self.tables[table][keyPath: kernel]!(&result, Int64(x.count))
      #expect(mismatch(result, expected, absolute: 2e-6, relative: 2e-6, "\(Self.names[table]) \(name)") == nil)
    }
  }

  @Test(arguments: names.indices) func channelMoments(table: Int) {
    // A mean far from zero: a one-pass variance would lose its digits here.
    let x = seededValues(333 * 60).map { $0 + 500 }
    var expected = ([Float](repeating: 0, count: 60), [Float](repeating: 0, count: 60))
    var result = expected
    plain.channel_moments(x, 333, 60, &expected.0, &expected.1)
    Self.tables[table].channel_moments(x, 333, 60, &result.0, &result.1)
    #expect(mismatch(result.0, expected.0, absolute: 0, relative: 1e-6, Self.names[table]) == nil)
    #expect(mismatch(result.1, expected.1, absolute: 0, relative: 1e-5, Self.names[table]) == nil)
  }

  @Test(arguments: names.indices) func sums(table: Int) {
    let (x, y) = (seededValues(1003), seededValues(1003, seed: 2))
    var result = x
    Self.tables[table].add(&result, y, 1003)
    #expect(result == zip(x, y).map { $0 + $1 })
  }

  @Test(arguments: names.indices) func scaleAndShift(table: Int) {
    let (x, scale, shift) = (seededValues(5 * 37), seededValues(37, seed: 2), seededValues(37, seed: 3))
    for silu in [false, true] {
      var expected = [Float](repeating: 0, count: x.count)
      var result = expected
      plain.scale_shift(x, &expected, scale, shift, 5, 37, silu)
      Self.tables[table].scale_shift(x, &result, scale, shift, 5, 37, silu)
      #expect(mismatch(result, expected, absolute: 4e-6, relative: 2e-6, Self.names[table]) == nil)
    }
  }

  @Test(arguments: names.indices) func layerNorm(table: Int) {
    let (x, scale, shift) = (seededValues(5 * 333), seededValues(333, seed: 2), seededValues(333, seed: 3))
    var expected = [Float](repeating: 0, count: x.count)
    var result = expected
    plain.layer_norm(x, &expected, scale, shift, 5, 333, 1e-5)
    Self.tables[table].layer_norm(x, &result, scale, shift, 5, 333, 1e-5)
    #expect(mismatch(result, expected, absolute: 5e-6, relative: 2e-6, Self.names[table]) == nil)
  }

  /// Powers of two, other factors, primes; channels that fill no vector; what lies between the points is left alone.
  @Test(arguments: names.indices) func fourierTransforms(table: Int) {
    for count in [1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 27, 32, 45, 49, 64, 67, 90, 121, 128, 251, 256] {
      for channels in [1, 16, 21] {
        let stride = channels + 3
        let roots = (0..<count).flatMap { k in
          let angle = 2 * Double.pi * Double(k) / Double(count)
          return [Float(cos(angle)), Float(sin(angle))]
        }
        var scratch = [Float](repeating: .nan, count: Int(CKERNELS_FOURIER_SCRATCH) * count)
        let start = (seededValues(count * stride), seededValues(count * stride, seed: 2))
        var (expected, result) = (start, start)
        plain.fourier(&expected.0, &expected.1, Int64(stride), Int64(count), Int64(channels), roots, &scratch)
        Self.tables[table].fourier(&result.0, &result.1, Int64(stride), Int64(count), Int64(channels), roots, &scratch)
        let what = "\(Self.names[table]), \(count) points of \(channels)"
        let limit = 1e-6 * Float(count).squareRoot() * 4
        #expect(mismatch(result.0, expected.0, absolute: limit, relative: 1e-6, what) == nil)
        #expect(mismatch(result.1, expected.1, absolute: limit, relative: 1e-6, what) == nil)
        // And back, where real and imaginary parts have changed places.
        Self.tables[table].fourier(&result.1, &result.0, Int64(stride), Int64(count), Int64(channels), roots, &scratch)
        let isBack = start.0.indices.allSatisfy { index in
          index % stride >= channels
            ? result.0[index] == start.0[index] : abs(result.0[index] / Float(count) - start.0[index]) < 1e-5
        }
        #expect(isBack, "\(what): the inverse does not lead back")
      }
    }
  }
}
