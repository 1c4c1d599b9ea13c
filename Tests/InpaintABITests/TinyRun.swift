// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Glibc
import Imaging
import Numerics
import Planning
import Properties
import TestSupport

@testable import InpaintABI

/// Runs of the tiny model over an image of 96 x 80 pixels.
struct TinyRun {
  static let (width, height) = (96, 80)

  let passes: [Pass]
  /// Of what may change: the image's pixels, and the same with the fill over them.
  let before: [Float]
  let after: [Float]
  let progress: [Progress]

  static func request(_ change: (inout Request) throws -> Void = { _ in }) rethrows -> Request {
    var request = Request(.sdInpaint)
    request.model = fixtures + "/packs/tiny-sd15"
    request.steps = 2
    try change(&request)
    return request
  }

  static func mask(_ box: Rectangle = Rectangle(x: 30, y: 20, width: 30, height: 30)) -> [Float] {
    (0..<width * height).map { index in
      let (x, y) = (index % width, index / width)
      return x >= box.x && x < box.right && y >= box.y && y < box.bottom ? 1 : 0
    }
  }

  /// R'G'B' of the image at `index`.
  private static func color(_ index: Int) -> [Float] {
    let (x, y) = (Float(index % width), Float(index / width))
    return [x / 96, y / 80, 0.5 + 0.3 * sinf((x + y) / 6)]
  }

  /// Runs the first pass; `edit` changes what it sees before.
  init(
    _ request: Request, _ mask: [Float] = TinyRun.mask(), workspace: Workspace = Workspace(),
    edit: (inout [Float]) -> Void = { _ in }, watch: (Progress) -> Void = { _ in }
  ) throws {
    let job = try Plan(request, mask: mask, width: Self.width, height: Self.height)
    func pixels(_ area: Rectangle) -> [Float] {
      (0..<area.height).flatMap { y in
        (0..<area.width).flatMap { Self.color((area.y + y) * Self.width + area.x + $0) }
      }
    }
    var colors = pixels(job.passes[0].seen)
    edit(&colors)
    var progress: [Progress] = []
    let fill = try job.run(pass: 0, colors, in: workspace) {
      progress.append($0)
      watch($0)
    }
    passes = job.passes
    before = pixels(job.passes[0].painted)
    after = fill.laid(over: before)
    self.progress = progress
  }
}

extension Fill {
  /// Pixels of three channels with this over them.
  func laid(over pixels: [Float]) -> [Float] {
    var result = pixels
    result.withUnsafeMutableBufferPointer {
      Compositing.composite(
        picture.values, weight: weight.values, count: weight.values.count, fillsAlpha: false, into: $0.baseAddress!,
        channels: 3)
    }
    return result
  }
}
