import Checkpoints
import StableDiffusion
import Tensors

/// One request over one mask: where it looks, what it may change, and the run.
public final class InpaintingPlan: Sendable {
  public typealias Progress = LoadedModel.Progress

  /// The pixels of a run.
  public struct PictureAccess {
    /// The region's colours, R'G'B' in sRGB, `region.width` x `region.height` x 3.
    public var region: UnsafePointer<Float>
    /// The paint rectangle in the image's space, changed in place.
    public var pixels: UnsafeMutablePointer<Float>
    /// 3, or 4 with straight alpha.
    public var channels: Int
    /// The mask came from the alpha.
    public var fillsAlpha: Bool
    /// From R'G'B' in sRGB to the image's space, 3 floats a pixel.
    public var convert: (_ srgb: UnsafePointer<Float>, _ converted: UnsafeMutablePointer<Float>, _ count: Int) -> Void

    public init(
      region: UnsafePointer<Float>, pixels: UnsafeMutablePointer<Float>, channels: Int, fillsAlpha: Bool,
      convert: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
      self.region = region
      self.pixels = pixels
      self.channels = channels
      self.fillsAlpha = fillsAlpha
      self.convert = convert
    }
  }

  /// A part of the image that the models look at, and what they fill there.
  private struct Pass: Sendable {
    let plan: RegionPlan
    let mask: PassMask
  }

  private struct Work: Sendable {
    let pack: OpenedPack
    let summary: ModelSummary
    let steering: Steering
    let releasesTextEncoder: Bool
    var passes: [Pass] = []

    /// What a pass takes when all weights are read.
    func memory(_ plan: RegionPlan) throws -> MemoryPlan {
      let pixels = summary.whole(plan.workingWidth) * summary.whole(plan.workingHeight)
      return MemoryPlan(
        tensorBytes: try steering.tensorBytes(pack, summary, pixels: pixels), region: plan.region,
        detail: steering.matchesDetail ? DetailMatch.area(around: plan.paint, in: plan.region) : .empty)
    }
  }

  private let request: Request
  private let work: Work?  // none with an empty mask

  /// The passes that the request takes, one after the other: none with an empty mask.
  public var passIndices: Range<Int> { 0..<(work?.passes.count ?? 0) }
  /// What the user may want to know before the run.
  public var note: String? { work?.steering.note }
  /// What the models see in a pass.
  public func region(pass: Int) -> Rectangle { work?.passes[pass].plan.region ?? .empty }
  /// What may change in a pass, inside its region.
  public func paint(pass: Int) -> Rectangle { work?.passes[pass].plan.paint ?? .empty }

  /// mask: width x height, 1 = repaint; read during the call only.  The rectangles' origin is its top left.
  ///
  /// Throws where a property is out of range, where there is no model that can do it, or where it does not fit the memory.
  public init(_ request: Request, mask: UnsafePointer<Float>, width: Int, height: Int) throws {
    try request.validate()
    self.request = request
    let canvas = MaskedCanvas(
      mask, width: width, height: height, growth: request.growth, goesByParts: request.operation == .outpaint)
    guard !canvas.boxes.hole.isEmpty else {
      work = nil
      return
    }
    let pack = try ModelSearch().open(request.model)
    let steering = try Steering(request, pack)
    // First, since a part without weights is what to hear of where its configuration is missing too.
    try steering.check(pack)
    let summary = try ModelSummary(pack)
    let settings = RegionPlan.Settings(
      cropsToMask: request.cropsToMask, context: request.context, workingSize: request.workingSize,
      grow: request.grow, feather: request.feather, preserve: request.preserve, nativeSize: summary.nativeSize)
    var work = Work(
      pack: pack, summary: summary, steering: steering,
      releasesTextEncoder: try MemoryPlan.savesMemory() && steering.canReleaseTextEncoder)
    work.passes = try canvas.passes(settings, admit: { try work.memory($0).check() }).map { Pass(plan: $0, mask: $1) }
    self.work = work
  }

  /// Repaints `picture.pixels` of one pass.  Later passes see what earlier ones have painted.
  ///
  /// `workspace.cancel()` stops it between two layers.  Throws `Cancelled`, `CheckpointError` or `InpaintingError`;
  /// the pixels are as they were then.  `progress` is that of all passes.
  public func run(
    pass number: Int, _ picture: PictureAccess, in workspace: Workspace, progress: (Progress) -> Void
  ) throws {
    guard let work else { return }
    let pass = work.passes[number]
    func report(_ fraction: Double, _ stage: String) {
      let stage = work.passes.count > 1 ? "\(stage), part \(number + 1) of \(work.passes.count)" : stage
      progress(Progress(fraction: (Double(number) + fraction) / Double(work.passes.count), stage: stage))
    }
    let plan = pass.plan
    let memory = try work.memory(plan)
    try memory.check()  // before the region's pictures are made
    // What matching detail takes at the end.
    let modelsShare = work.steering.matchesDetail ? 0.9 : 1
    let mask = pass.mask.hole(grow: request.grow, feather: request.feather, preserve: request.preserve)
    let hole = mask.hole.resizedHole(width: plan.workingWidth, height: plan.workingHeight)
    let working = seen(picture.region, of: plan, around: mask.hole, hole)
    let addsToPicture = request.operation.addsToPicture
    let paintsMore = request.matchesColor && !addsToPicture
    let conditioningHole = paintsMore ? HoleMask(hole, grow: ColorMatch.margin, feather: 0).hole : hole
    // What a harmonizing decoder took for known it would return untouched, which ends in a line where the shift goes on.
    func decodingHole() -> Picture {
      guard paintsMore else { return hole }
      return conditioningHole.union(mask.blended.resizedHole(width: plan.workingWidth, height: plan.workingHeight))
    }

    var filled = try ModelCache.shared.withModel(
      work.pack, work.steering.parts, in: workspace,
      prepare: { missing in
        let releases = work.releasesTextEncoder && missing.contains(.textEncoder)
        try memory.reading(
          work.steering.weightBytes(work.pack, missing), releasing: releases ? work.pack.byteCount(.textEncoder) : 0
        ).check()
        try workspace.reserve(memory.tensorBytes)
      },
      // Loading is the first tenth of what is shown.
      progress: { report(0.1 * $0.fraction, $0.stage) },
      {
        try fill(working, conditioningHole, decodingHole, pass: number, work, $0, in: workspace) {
          report(0.1 + (modelsShare - 0.1) * $0.fraction, $0.stage)
        }
      })
    workspace.trim()
    if request.matchesColor {
      let known = addsToPicture
        ? Picture(width: working.width, height: working.height, channels: 3) : working  // no change
      filled = ColorMatch.applied(to: filled, known: known, hole: hole)
    }
    let detailSeed = work.steering.matchesDetail ? work.steering.samplingSettings(pass: number).seed : nil
    let result = try sized(filled, pass, picture.region, detailSeed: detailSeed) {
      try workspace.checkCancellation()
      report(modelsShare + (1 - modelsShare) * $0, "Matching detail")
    }
    try workspace.checkCancellation()  // the last time: from here on pixels change
    composite(result, plan, mask, into: picture)
    report(1, "Done")
  }

  /// The region's colours at working size, clamped to 0 ... 1.  Where a hole is painted anew, the models see nothing at
  /// its border of what it hides.
  private func seen(
    _ region: UnsafePointer<Float>, of plan: RegionPlan, around hole: Picture, _ workingHole: Picture
  ) -> Picture {
    let picture = Picture(region, width: plan.region.width, part: plan.region.seen(from: plan.region))
    let resized = request.operation.addsToPicture
      ? picture.resized(width: plan.workingWidth, height: plan.workingHeight) : picture.resized(around: hole, workingHole)
    return resized.mapped(clamped)  // cubic convolution overshoots at edges
  }

  /// What was decoded, at working size, as sRGB of the paint rectangle.  A change is added at the region's own size, so
  /// that no detail is resampled.
  private func sized(
    _ filled: Picture, _ pass: Pass, _ colors: UnsafePointer<Float>, detailSeed: UInt64?, progress: (Double) throws -> Void
  ) rethrows -> Picture {
    let plan = pass.plan
    let part = plan.paint.seen(from: plan.region)
    func resized(_ part: Rectangle) -> Picture {
      filled.resized(width: plan.region.width, height: plan.region.height, part: part)
    }
    if request.operation.addsToPicture { return resized(part).added(to: colors, width: plan.region.width, from: part) }
    guard let detailSeed else { return resized(part).mapped(clamped) }
    let area = DetailMatch.area(around: plan.paint, in: plan.region).seen(from: plan.region)
    let fill = resized(area).mapped(clamped)
    // What a soft mask changes a little is no example either.
    let hole = pass.mask.hole(grow: request.grow, feather: 0, preserve: true).weight.cropped(area)
      .mapped { $0 >= MaskBoxes.visibleThreshold ? 1 : 0 }
    let matched = try DetailMatch.applied(
      to: fill, known: Picture(colors, width: plan.region.width, part: area), hole: hole,
      scale: Double(plan.region.longerSide) / Double(max(plan.workingWidth, plan.workingHeight)), seed: detailSeed,
      progress: progress)
    // Where all around stays as it is, known pixels are better to blend with than the fill.
    let result = matched.map { request.preserve ? $0 : fill.with($0, in: hole) } ?? fill
    return result.cropped(part.seen(from: area))
  }

  /// Lays sRGB of the paint rectangle over the image's pixels.
  private func composite(_ srgb: Picture, _ plan: RegionPlan, _ mask: HoleMask, into picture: PictureAccess) {
    var converted = srgb
    converted.values.withUnsafeMutableBufferPointer { values in
      srgb.values.withUnsafeBufferPointer { picture.convert($0.baseAddress!, values.baseAddress!, srgb.width * srgb.height) }
    }
    let part = plan.paint.seen(from: plan.region)
    Compositing.composite(
      converted, weight: mask.weight.cropped(part), fillsAlpha: picture.fillsAlpha, into: picture.pixels, channels: picture.channels)
  }

  /// At working size: R'G'B' 0 ... 1 and a hole to the decoded picture, or to what is added to the picture.
  /// decodingHole: what a harmonizing decoder, where there is one, is to take for unknown.
  private func fill(
    _ picture: Picture, _ hole: Picture, _ decodingHole: () -> Picture, pass: Int, _ work: Work, _ model: LoadedModel,
    in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    let inpainter = try model.inpainter()
    let padded = Rectangle(
      x: 0, y: 0, width: work.summary.whole(picture.width), height: work.summary.whole(picture.height))
    let image = Tensor(
      [1, padded.height, padded.width, 3], picture.cropped(padded).values.map { $0 * 2 - 1 }, in: workspace)
    func tensor(_ hole: Picture) -> Tensor {
      Tensor([1, padded.height, padded.width, 1], hole.cropped(padded).values, in: workspace)
    }
    let mask = tensor(hole)
    progress(Progress(fraction: 0, stage: "Reading the prompt"))
    let decoder = try work.steering.decoder(model, image, mask: { tensor(decodingHole()) })
    let settings = work.steering.samplingSettings(pass: pass)
    let addsToPicture = request.operation.addsToPicture
    let decoded = try work.steering.withLoRA(model) {
      let conditioning = try work.steering.conditioning(model, image, mask: mask)
      if work.releasesTextEncoder { model.release(.textEncoder) }  // its weights make room for the passes' tensors
      let run = addsToPicture ? inpainter.harmonize : inpainter.fill
      return try run(image, mask, conditioning, settings, decoder, progress)
    }
    try workspace.checkCancellation()
    let offset: Float = addsToPicture ? 0 : 0.5
    let result = Picture(
      width: padded.width, height: padded.height, channels: 3, values: decoded.array.map { $0 / 2 + offset })
    guard result.values.allSatisfy(\.isFinite) else {
      throw InpaintingError("the model gave values that are not numbers; its files may be damaged")
    }
    return result.cropped(Rectangle(x: 0, y: 0, width: picture.width, height: picture.height))
  }
}

extension Picture {
  /// A part of colours in rows of `width` pixels, clamped to 0 ... 1.
  fileprivate init(_ colors: UnsafePointer<Float>, width: Int, part: Rectangle) {
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
private func clamped(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }
