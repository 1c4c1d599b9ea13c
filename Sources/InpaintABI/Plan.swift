// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Imaging
import Numerics
import Planning
import Properties

/// A request over a mask: its plan, and the session that carries it out.  What a host holds.
final class Plan {
  let operation: String
  /// None where nothing is to be painted.
  let passes: [Pass]
  /// What the user may want to know before the run.
  let note: String?
  private let session: Session?

  /// mask: width x height, 1 = repaint; read during the call only.
  ///
  /// With an empty mask no model is touched, nor is `open` called.  Throws where there is no model that can do it, and
  /// where it does not fit the memory.
  init(
    _ request: Request, mask: UnsafePointer<Float>, width: Int, height: Int,
    open: (Request) throws -> Session = { try Session($0) }
  ) throws {
    operation = request.operation.rawValue
    (passes, session) = try MaskedCanvas.of(request, mask: mask, width: width, height: height) { canvas in
      guard !canvas.isEmpty else { return ([], nil) }
      let session = try open(request)
      return (try PicturePlan(request, canvas, session.traits, admit: session.admit).passes, session)
    }
    note = session?.note
  }

  /// Paints a pass over what earlier ones have left.
  ///
  /// colors: R'G'B' in sRGB of what the pass sees; progress: of all passes.  `workspace.cancel()` stops it between two layers.
  func run(
    pass number: Int, _ colors: UnsafePointer<Float>, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Fill {
    guard let session else { throw InpaintingError("nothing to paint") }
    let pass = passes[number]
    func report(_ update: Progress) {
      let stage = passes.count > 1 ? "\(update.stage), part \(number + 1) of \(passes.count)" : update.stage
      progress(update.within((Double(number) + update.fraction) / Double(passes.count), stage: stage))
    }
    try session.admit(pass.size)  // before the region's pictures are made
    // Matching detail is the last tenth.
    let paintingShare = session.traits.detail == .surroundings ? 0.9 : 1
    let fill = try pass.run(
      colors,
      paint: { job, part in
        try session.paint(job, pass.size, in: workspace) { update in
          report(update.within(paintingShare * part.fraction(update.fraction), stage: part.stage(update.stage)))
        }
      },
      matchingDetail: {
        try workspace.checkCancellation()
        report(Progress(fraction: paintingShare + (1 - paintingShare) * $0, stage: "Matching detail"))
      })
    try workspace.checkCancellation()  // the last time: from here on pixels change
    report(Progress(fraction: 1, stage: "Done"))
    return fill
  }
}
