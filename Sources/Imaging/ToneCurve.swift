// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// Brings lights that are brighter than white into the range of the models, and what they paint back.
///
/// Up to middle grey values stay; from there on they rise logarithmically, without a bend, to 1 at the brightest light.
package struct ToneCurve: Equatable {
  /// R'G'B', above 1: it becomes 1.
  let brightest: Float
  /// c in k + c log(1 + (x - k) / c), the curve above the knee k.
  private let scale: Double

  private static let knee: Float = 0.5
  /// So many of the known pixels may be brighter: single glints would take the range from all others.
  private static let share = 0.01

  /// For the known pixels of an area around a hole.  nil where all are within the models' range, as in every picture within
  /// 0 ... 1.
  ///
  /// colors: R'G'B' in rows as wide as the hole's; what is no finite number does not count.  hole: 1 or 0.
  package init?(_ colors: UnsafePointer<Float>, around hole: Picture, in area: Rectangle) {
    var (known, lights) = (0, [Float]())
    for y in area.y..<area.bottom {
      for pixel in y * hole.width + area.x..<y * hole.width + area.right where hole.values[pixel] == 0 {
        let light = max(colors[pixel * 3], colors[pixel * 3 + 1], colors[pixel * 3 + 2])
        guard light.isFinite else { continue }
        known += 1
        if light > 1 { lights.append(light) }
      }
    }
    let ignored = Int(Self.share * Double(known))
    guard lights.count > ignored else { return nil }
    brightest = lights.sorted(by: >)[ignored]
    scale = Self.scale(reaching: Double(brightest - Self.knee))
  }

  /// The scale at which the curve rises from the knee to 1 over `length`, which is more than 1/2; by bisection.
  private static func scale(reaching length: Double) -> Double {
    let rise = 1 - Double(knee)
    var (low, high) = (-20.0, 20.0)  // logarithms
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if exp(middle) * log1p(length / exp(middle)) < rise { low = middle } else { high = middle }
    }
    return exp(low)
  }

  /// What the models see; what is brighter than the brightest light lies above 1.
  package func toned(_ value: Float) -> Float {
    guard value > Self.knee else { return value }
    return Self.knee + Float(scale * log1p(Double(value - Self.knee) / scale))
  }

  /// The light that `toned` has brought to this value.
  package func light(_ value: Float) -> Float {
    guard value > Self.knee else { return value }
    return Self.knee + Float(scale * expm1(Double(value - Self.knee) / scale))
  }
}
