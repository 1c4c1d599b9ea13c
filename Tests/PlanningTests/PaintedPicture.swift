// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties

@testable import Planning

/// A picture as a host paints it, pass by pass: black where nothing has been painted.
struct PaintedPicture {
  /// A mask that is 1 in some rectangles.
  static func mask(_ width: Int, _ height: Int, _ boxes: Rectangle...) -> Picture {
    var mask = Picture(width: width, height: height)
    for box in boxes { mask.fill(box, of: Rectangle(x: 0, y: 0, width: width, height: height), with: 1) }
    return mask
  }

  /// Of a model of pictures of 64 x 64 pixels, unless `traits` change.
  static func plan(
    _ mask: Picture, _ traits: PaintTraits = PaintTraits(nativeSize: 64), _ operation: Operation = .sdInpaint,
    _ change: (inout Request) -> Void = { _ in }
  ) -> PicturePlan {
    var request = Request(operation)
    change(&request)
    return mask.values.withUnsafeBufferPointer {
      let canvas = MaskedCanvas(request, mask: $0.baseAddress!, width: mask.width, height: mask.height)
      return PicturePlan(request, canvas, traits) { _ in }
    }
  }

  /// Red, at 0 ... 1.
  private(set) var values: Picture
  /// Of each pass.
  private(set) var jobs: [PaintJob] = []

  /// Paints each pass flat, in the color that `color` gives it.
  init(_ plan: PicturePlan, width: Int, height: Int, _ color: (Int) -> Float) {
    values = Picture(width: width, height: height)
    for (number, pass) in plan.passes.enumerated() {
      let colors = values.cropped(pass.seen).values.flatMap { [$0, $0, $0] }
      let fill = pass.run(
        colors,
        paint: { job, _ in
          jobs.append(job)
          return Picture(width: job.picture.width, height: job.picture.height, channels: 3, filledWith: color(number))
        },
        matchingDetail: { _ in })
      for (index, weight) in fill.weight.values.enumerated() where weight > 0 {
        let (x, y) = (pass.painted.x + index % pass.painted.width, pass.painted.y + index / pass.painted.width)
        values.values[y * width + x] += weight * (fill.picture.values[index * 3] - values.values[y * width + x])
      }
    }
  }

  func at(_ x: Int, _ y: Int) -> Float { values.values[y * values.width + x] }
}

extension IslandMask {
  /// Of the mask of a pass that is not one of a canvas that grows.
  init?(_ mask: PassMask) {
    guard case .island(let island) = mask else { return nil }
    self = island
  }
}
