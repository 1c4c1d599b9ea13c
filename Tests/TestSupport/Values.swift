// SPDX-License-Identifier: LGPL-3.0-or-later
/// Values in -range ... range from a fixed sequence.
public func seededValues(_ count: Int, range: Float = 4, seed: UInt64 = 1) -> [Float] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Float(state >> 40) / Float(1 << 24) * 2 - 1) * range
  }
}

/// nil where each value is within absolute + relative |expected|, else the place and size of the largest excess.
public func mismatch(
  _ result: [Float], _ expected: [Float], absolute: Float, relative: Float, _ what: String
) -> String? {
  guard result.count == expected.count else { return "\(what): \(result.count) values, expected \(expected.count)" }
  func excess(_ pair: (Float, Float)) -> Float {
    let difference = abs(pair.0 - pair.1) - relative * abs(pair.1) - absolute
    return difference.isNaN ? .infinity : difference
  }
  let worst = zip(result, expected).enumerated().max { excess($0.element) < excess($1.element) }
  guard let worst, excess(worst.element) > 0 else { return nil }
  return "\(what): at \(worst.offset) \(worst.element.0), expected \(worst.element.1) within \(absolute) + \(relative) x"
}
