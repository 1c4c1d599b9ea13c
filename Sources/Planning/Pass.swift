// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// A part of the picture that the models look at, and how what they paint becomes a fill.
package struct Pass: Sendable {
  let region: RegionPlan
  let mask: PassMask
  let settings: RegionPlan.Settings
  let traits: PaintTraits
  /// The request's.
  let seed: UInt64
  /// Of its noise, as of `PlannedPass`.
  let number: Int

  /// What the models see, in the picture's pixels.
  package var seen: Rectangle { region.region }
  /// What may change; inside `seen`.
  package var painted: Rectangle { region.paint }
  package var size: PaintSize { region.size(traits) }

  /// One of the pictures that a pass has painted.
  package typealias Paint = (PaintJob, PassPart) throws -> Picture

  /// Whether the models paint the rim of an object that the mask was cut along.  Where nothing of what they paint is
  /// brought into line with what is around the hole, they see all that is known.
  private var hidesRim: Bool {
    guard case .island(let island) = mask, island.tile == nil, island.strengths == nil else { return false }
    return traits.kind == .fill && (traits.matchesColor || traits.detail == .surroundings || settings.feather > 0)
  }

  /// Paints: prepare, paint, match colour, refine or match detail, weigh.
  ///
  /// colors: R'G'B' in sRGB of `seen`, width x height x 3.  matchingDetail: 0 ... 1; what it throws stops the pass.
  /// Gives a fill of the size of `painted`.
  package func run(
    _ colors: UnsafePointer<Float>, paint: Paint, matchingDetail: (Double) throws -> Void
  ) rethrows -> Fill {
    let mask = mask.hole(grow: settings.grow, feather: settings.feather, preserve: settings.preserve)
    let surroundings = DetailMatch.area(around: painted.seen(from: seen), in: seen.seen(from: seen))
    guard let curve = ToneCurve(colors, around: mask.hole, in: surroundings) else {
      return try fill(colors, mask, paint, matchingDetail)
    }
    let fill = try fill((0..<seen.area * 3).map { curve.toned(colors[$0]) }, mask, paint, matchingDetail)
    // A map's values are no lights.
    return traits.kind == .map ? fill : Fill(picture: fill.picture.mapped(curve.light), weight: fill.weight)
  }

  /// The same of colours of which all that counts is within 0 ... 1.
  private func fill(
    _ colors: UnsafePointer<Float>, _ mask: HoleMask, _ paint: Paint, _ matchingDetail: (Double) throws -> Void
  ) rethrows -> Fill {
    let mask = hidesRim ? mask.coveringRim(in: colors) : mask
    let hole = mask.hole.resizedHole(width: region.workingWidth, height: region.workingHeight)
    let tiles = region.tiles(traits).filter { tile in mask.hole.cropped(tile.seen(from: seen)).values.contains(1) }
    let blended = { mask.blended.resizedHole(width: hole.width, height: hole.height) }
    let painted = try painted(
      seen(colors, mask.hole, hole), hole, blended, mask.strengths(width: hole.width, height: hole.height),
      PassPart(tile: 0, tiles: tiles.count), paint)
    let picture: Picture
    if tiles.isEmpty {
      picture = try sized(painted, colors, mask, matchingDetail)
    } else {
      picture = try refined(painted, colors, mask, tiles, paint)
    }
    return Fill(picture: picture, weight: mask.weight.cropped(self.painted.seen(from: seen)))
  }

  // MARK: - Prepare

  /// What the models make of a picture in its hole, in the colours around it; all at one size.
  func painted(
    _ picture: Picture, _ hole: Picture, _ blended: () -> Picture, _ strengths: Picture?, _ part: PassPart, _ paint: Paint
  ) rethrows -> Picture {
    let painted = try paint(job(picture, hole, blended, strengths, part), part)
    guard traits.matchesColor else { return painted }
    let known = traits.kind == .change
      ? Picture(width: picture.width, height: picture.height, channels: 3) : picture  // no change
    return ColorMatch.applied(to: painted, known: known, hole: hole)
  }

  private func job(
    _ picture: Picture, _ hole: Picture, _ blended: () -> Picture, _ strengths: Picture?, _ part: PassPart
  ) -> PaintJob {
    let seed = PicturePlan.seed(seed, pass: number, tile: part.tile)
    let strength = part.tile == 0 ? 1 : RefinementTiles.strength
    // What is painted beyond the hole shows the shift that colour matching takes away.
    guard traits.matchesColor, traits.kind == .fill else {
      return PaintJob(
        picture: picture, hole: hole, unknown: hole, strengths: strengths, seed: seed, strength: strength)
    }
    let wider = hole.dilated(by: ColorMatch.margin)
    // Known pixels that are put back untouched would end in a line where the shift goes on.
    return PaintJob(
      picture: picture, hole: wider, unknown: wider.union(blended()),
      strengths: strengths?.largest(within: ColorMatch.margin).times(wider), seed: seed, strength: strength)
  }

  /// The region's colours at working size, clamped to 0 ... 1.  Where a hole is painted anew, the models see nothing at
  /// its border of what it hides.
  private func seen(_ colors: UnsafePointer<Float>, _ hole: Picture, _ workingHole: Picture) -> Picture {
    let picture = Picture(colors, width: seen.width, part: seen.seen(from: seen))
    let resized = traits.kind == .fill
      ? picture.resized(around: hole, workingHole)
      : picture.resized(width: region.workingWidth, height: region.workingHeight)
    return resized.mapped(clamped)  // cubic convolution overshoots at edges
  }

  // MARK: - Finish

  /// What was painted, at working size, as R'G'B' of what may change.  A change is added at the region's own size, so
  /// that no detail is resampled.
  private func sized(
    _ painted: Picture, _ colors: UnsafePointer<Float>, _ mask: HoleMask, _ matchingDetail: (Double) throws -> Void
  ) rethrows -> Picture {
    let part = self.painted.seen(from: seen)
    let resized = { (part: Rectangle) in painted.resized(width: seen.width, height: seen.height, part: part) }
    switch (traits.kind, traits.detail) {
    case (.change, _): return resized(part).added(to: colors, width: seen.width, from: part)
    case (.map, _): return resized(part).mapped(clamped).grey
    case (.fill, .surroundings):
      return try withDetail(colors, mask, matchingDetail) { resized($0).mapped(clamped) }
        .cropped(part.seen(from: size.detail.seen(from: seen)))
    case (.fill, .model), (.fill, .refined): return resized(part).mapped(clamped)
    }
  }

  /// The fill with the detail of the known pixels, over the area that is looked at for it.
  private func withDetail(
    _ colors: UnsafePointer<Float>, _ mask: HoleMask, _ progress: (Double) throws -> Void,
    _ sized: (Rectangle) -> Picture
  ) rethrows -> Picture {
    let area = size.detail.seen(from: seen)
    let fill = sized(area)
    // What a soft mask changes a little is no example either, nor what a later pass paints.
    let hole = self.mask.hole(grow: settings.grow, feather: 0, preserve: true).weight
      .mapped { $0 >= MaskBoxes.visibleThreshold ? 1 : 0 }.union(mask.hole).cropped(area)
    let matched = try DetailMatch.applied(
      to: fill, known: Picture(colors, width: seen.width, part: area), hole: hole,
      scale: Double(seen.longerSide) / Double(max(region.workingWidth, region.workingHeight)), seed: seed,
      progress: progress)
    let joined = matched.map { traits.matchesColor ? ColorMatch.joined($0, in: hole) : $0 }
    // Where all around stays as it is, known pixels are better to blend with than the fill.
    return joined.map { settings.preserve ? $0 : fill.with($0, in: hole) } ?? fill
  }
}

extension Picture {
  /// A part of colours in rows of `width` pixels, clamped to 0 ... 1.
  init(_ colors: UnsafePointer<Float>, width: Int, part: Rectangle) {
    self.init(width: part.width, height: part.height, channels: 3)
    for y in 0..<part.height {
      let row = colors + ((part.y + y) * width + part.x) * 3
      for index in 0..<part.width * 3 { values[y * part.width * 3 + index] = clamped(row[index]) }
    }
  }

  /// Of two holes of one size.
  fileprivate func union(_ other: Picture) -> Picture {
    Picture(width: width, height: height, channels: 1, values: zip(values, other.values).map(max))
  }

  /// Of one channel.
  fileprivate var grey: Picture {
    Picture(width: width, height: height, channels: 3, values: values.flatMap { [$0, $0, $0] })
  }

  /// Colours, of rows of `width` pixels and beginning at `part`, with these changes.
  ///
  /// They stay within 0 ... 1, or as far beyond as they were: what the model cannot see, brighter lights and a wider
  /// gamut, is not lost.
  fileprivate func added(to colors: UnsafePointer<Float>, width: Int, from part: Rectangle) -> Picture {
    var result = self
    for y in 0..<height {
      let row = colors + ((part.y + y) * width + part.x) * channels
      for index in 0..<self.width * channels {
        let color = row[index].isFinite ? row[index] : clamped(row[index])
        let changed = color + values[y * self.width * channels + index]
        result.values[y * self.width * channels + index] = min(max(changed, min(color, 0)), max(color, 1))
      }
    }
    return result
  }
}

/// Within 0 ... 1; what is not a number is 0.
func clamped(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }
