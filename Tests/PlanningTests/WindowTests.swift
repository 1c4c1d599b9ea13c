// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// The part of a picture that a host has to hand over.
@Suite struct WindowTests {
  /// A mask that is 0 outside `box`: a few rectangles of shares that count as hole, as visible and as neither.
  private func mask(
    _ image: Rectangle, in box: Rectangle, _ generator: inout some RandomNumberGenerator
  ) -> Picture {
    var mask = Picture(width: image.width, height: image.height, filledWith: 0)
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let x = Int.random(in: box.x..<box.right, using: &generator)
      let y = Int.random(in: box.y..<box.bottom, using: &generator)
      let value = [0.02, 0.2, 0.5, 1].randomElement(using: &generator)!
      for row in y..<Int.random(in: y..<box.bottom, using: &generator) + 1 {
        for column in x..<Int.random(in: x..<box.right, using: &generator) + 1 {
          mask.values[row * image.width + column] = Float(value)
        }
      }
    }
    return mask
  }

  private func settings(_ generator: inout some RandomNumberGenerator) -> RegionPlan.Settings {
    RegionPlan.Settings(
      cropsToMask: Int.random(in: 0..<8, using: &generator) > 0,
      context: [0, 0.3, 0.5, 2, 8].randomElement(using: &generator)!,
      workingSize: [0, 48].randomElement(using: &generator)!, grow: [0, 1, 7, 256].randomElement(using: &generator)!,
      feather: [0, 0.5, 4, 31.2].randomElement(using: &generator)!, preserve: Bool.random(using: &generator),
      nativeSize: [3, 8, 33, 64, 100, 150].randomElement(using: &generator)!)
  }

  private func box(_ image: Rectangle, _ generator: inout some RandomNumberGenerator) -> Rectangle {
    let x = Int.random(in: 0..<image.width, using: &generator)
    let y = Int.random(in: 0..<image.height, using: &generator)
    return Rectangle(
      x: x, y: y, width: Int.random(in: 1...min(60, image.width - x), using: &generator),
      height: Int.random(in: 1...min(60, image.height - y), using: &generator))
  }

  private func passes(_ mask: Picture, _ settings: RegionPlan.Settings) -> [PlannedPass] {
    mask.values.withUnsafeBufferPointer {
      let canvas = MaskedCanvas(
        $0.baseAddress!, width: mask.width, height: mask.height, growth: Margins(), goesByParts: false)
      return canvas.isEmpty ? [] : canvas.passes(settings, admit: { _ in })
    }
  }

  @Test func overTheWindowAloneEveryMaskHasTheSamePlan() {
    var generator = SplitMix(state: 20)
    var (compared, smaller, islands) = (0, 0, 0)
    for _ in 0..<4000 {
      let image = Rectangle(
        x: 0, y: 0, width: .random(in: 1...400, using: &generator), height: .random(in: 1...200, using: &generator))
      let (box, settings) = (box(image, &generator), settings(&generator))
      let window = RegionPlan.window(around: box, in: image, settings)
      #expect(window.intersection(image) == window)
      let mask = mask(image, in: box, &generator)
      let part = mask.cropped(window)
      let whole = passes(mask, settings)
      guard !whole.isEmpty else { continue }
      let alone = passes(part, settings)
      let isSame = whole.count == alone.count && zip(whole, alone).allSatisfy { whole, alone in
        let plans = [whole, alone].map(\.region)
        let weights = [whole, alone].map { $0.mask.hole(grow: 1, feather: 2, preserve: true).weight }
        return plans[1].region == plans[0].region.seen(from: window) && plans[1].paint == plans[0].paint.seen(from: window)
          && plans[0].workingWidth == plans[1].workingWidth && plans[0].workingHeight == plans[1].workingHeight
          && weights[0] == weights[1]
      }
      #expect(isSame, "\(settings) around \(box) in \(image): \(window)")
      islands += whole.count > 1 ? 1 : 0
      compared += 1
      smaller += window == image ? 0 : 1
    }
    #expect(
      compared > 2000 && smaller > 500 && islands > 50,
      "\(compared) plans compared, \(smaller) of them over a part, \(islands) of several passes")
  }

  @Test func aSmallSelectionInAHugePictureHasASmallWindow() {
    let settings = RegionPlan.Settings(Request(.sdInpaint), nativeSize: 512)
    let window = RegionPlan.window(
      around: Rectangle(x: 6000, y: 4000, width: 40, height: 40),
      in: Rectangle(x: 0, y: 0, width: 12000, height: 8000), settings)
    #expect(window == Rectangle(x: 5468, y: 3468, width: 1104, height: 1104))
  }

  @Test func aPictureHasAnOriginOfItsOwn() {
    let settings = RegionPlan.Settings(Request(.sdInpaint), nativeSize: 32)
    let image = Rectangle(x: -500, y: 300, width: 400, height: 400)
    let box = Rectangle(x: -300, y: 500, width: 20, height: 10)
    let window = RegionPlan.window(around: box, in: image, settings)
    let atOrigin = RegionPlan.window(around: box.seen(from: image), in: image.seen(from: image), settings)
    #expect(window.seen(from: image) == atOrigin)
    #expect(RegionPlan.window(around: Rectangle(x: 0, y: 0, width: 9, height: 9), in: image, settings) == image)
  }

  /// What looks at everything needs no model to say so.
  @Test func someRunsNeedTheWholePicture() throws {
    let image = Rectangle(x: 0, y: 0, width: 4000, height: 3000)
    let box = Rectangle(x: 10, y: 10, width: 20, height: 20)
    func window(_ operation: Operation, _ change: (inout Request) -> Void = { _ in }) -> Rectangle {
      var request = Request(operation)
      change(&request)
      return PicturePlan.window(request, around: box, in: image) { 64 }
    }
    #expect(window(.outpaint) == image && window(.seeleReposition) == image)
    #expect(window(.sdInpaint) { $0.crop = .whole } == image)
    #expect(window(.sdInpaint) != image && window(.seeleRemove) != image)
    #expect(try PicturePlan.window(Request(.outpaint), around: box, in: image) { throw Unwanted() } == image)
  }

  private struct Unwanted: Error {}
}
