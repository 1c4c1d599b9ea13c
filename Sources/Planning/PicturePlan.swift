// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties

/// One request over one mask: the passes in which the picture is painted, one after the other.
///
/// A host reads what a pass looks at, runs it, and lays its fill over the picture before the next pass looks.  So nothing
/// larger than a pass is held here, however large the canvas is.
package struct PicturePlan: Sendable {
  /// None where nothing is to be painted.
  package let passes: [Pass]

  /// traits: of the painter; admit: throws what keeps a pass of this size from being run, before memory is taken for its
  /// mask.
  package init(
    _ request: Request, _ canvas: MaskedCanvas, _ traits: PaintTraits, admit: (PaintSize) throws -> Void
  ) rethrows {
    var settings = RegionPlan.Settings(request, nativeSize: traits.nativeSize)
    settings.largestOwnSize = traits.largestOwnSize
    settings.splits = traits.kind != .change
    passes = try canvas.passes(settings, admit: { try admit($0.size(traits)) }).map { pass in
      Pass(
        region: pass.region, mask: pass.mask, settings: settings, traits: traits, seed: request.seed, number: pass.number)
    }
  }

  /// The part of a picture over `extent` that has to be known for any mask that is 0 outside `box`: with it alone a run gives
  /// the same.  nativeSize: the model's, asked for where it counts.
  package static func window(
    _ request: Request, around box: Rectangle, in extent: Rectangle, nativeSize: () throws -> Int
  ) rethrows -> Rectangle {
    // A canvas that grows is filled by parts around all that is known, and a subject may move anywhere.
    guard request.crop == .auto, !request.growsCanvas, Operation.painted.contains(request.operation) else {
      return extent
    }
    return RegionPlan.window(around: box, in: extent, RegionPlan.Settings(request, nativeSize: try nativeSize()))
  }

  /// Passes that overlap have noise of their own, the first the request's; steps far apart, so that the next seed's passes
  /// share none.
  /// Nor do the tiles of a pass, from 1 on: generators take the lower 32 bits.
  static func seed(_ seed: UInt64, pass: Int, tile: Int = 0) -> UInt64 {
    seed &+ UInt64(tile << 16 + pass) &* 0x9E37_79B9_7F4A_7C15
  }
}

extension RegionPlan.Settings {
  /// Where the canvas grows, the overlap is the feather of what is added.
  init(_ request: Request, nativeSize: Int) {
    self.init(
      cropsToMask: request.crop == .auto, context: request.context, workingSize: request.workingSize, grow: request.grow,
      feather: request.growsCanvas ? Double(request.overlap) : request.feather, preserve: request.preserve,
      nativeSize: nativeSize)
  }
}

extension Margins {
  /// By how much a request grows the canvas.
  package init(_ request: Request) {
    self.init(left: request.left, right: request.right, top: request.top, bottom: request.bottom)
  }
}

extension MaskedCanvas {
  /// mask: width x height, 1 = repaint; must live as long as this.
  package init(_ request: Request, mask: UnsafePointer<Float>, width: Int, height: Int) {
    self.init(mask, width: width, height: height, growth: Margins(request), goesByParts: request.growsCanvas)
  }

  /// What `body` makes of the canvas.  Of a soft mask the hole is all that lossy compression does not leave around a shape.
  ///
  /// mask: width x height, at least one pixel of 0 ... 1; read during the call only.
  package static func of<Result>(
    _ request: Request, mask: UnsafePointer<Float>, width: Int, height: Int, _ body: (MaskedCanvas) throws -> Result
  ) rethrows -> Result {
    guard request.maskStrength == .soft else {
      return try body(MaskedCanvas(request, mask: mask, width: width, height: height))
    }
    let hole = (0..<width * height).map { mask[$0] >= MaskBoxes.visibleThreshold ? Float(1) : 0 }
    return try hole.withUnsafeBufferPointer {
      try body(MaskedCanvas(
        $0.baseAddress!, strengths: mask, width: width, height: height, growth: Margins(request),
        goesByParts: request.growsCanvas))
    }
  }
}

extension RegionPlan {
  func size(_ traits: PaintTraits) -> PaintSize {
    let tiles = tiles(traits)
    let detail: Rectangle = switch traits.detail {
    case .model: .empty
    case .surroundings: DetailMatch.area(around: paint, in: region)
    case .refined: tiles.isEmpty ? .empty : tiles.reduce(paint) { $0.union($1) }
    }
    return PaintSize(
      width: workingWidth, height: workingHeight, region: region, detail: detail, tile: tiles.first ?? .empty)
  }
}
