// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
@testable import Engine
import Imaging
import Layers
import Numerics
import Properties
import Testing
import TestSupport

@testable import InpaintABI

/// A model family takes a type of its own and its place in a list: planning, sessions and hosts know no family by name.
@Suite struct OtherFamilyTests {
  /// Reads nothing, and paints what it is told by the request's prompt.
  private final class Flat: Painter {
    static let operations: [Operation] = [.sdInpaint, .outpaint]
    static let shelf = DiffusionPainter.shelf
    static let models: [any PackModel.Type] = [Grey.self]
    static let requiredModels: [any PackModel.Type] = [Grey.self]
    static func summary(_ pack: OpenedPack) throws -> (title: String, nativeSize: Int) { ("flat", 64) }

    let traits: PaintTraits
    let note: String? = "flat"
    let released: [any PackModel.Type] = []
    let extraBytes = 0

    init(_ request: Request, _ pack: OpenedPack) throws {
      var traits = PaintTraits(nativeSize: 64)
      traits.kind = switch request.prompt {
      case "change": .change
      case "map": .map
      default: .fill
      }
      self.traits = traits
    }

    func needs(_ models: LoadedModels) -> [any PackModel.Type] { [Grey.self] }
    func tensorBytes(width: Int, height: Int) throws -> Int { width * height * 4 }
    func check(_ models: LoadedModels, in workspace: Workspace) throws {}

    func paint(
      _ job: PaintJob, _ models: LoadedModels, in workspace: Workspace, progress: (Progress) -> Void
    ) throws -> Picture {
      progress(Progress(fraction: 0.5, stage: "Painting flat"))
      let value = try models(Grey.self).value
      let channels = traits.kind == .map ? 1 : 3
      return Picture(width: job.picture.width, height: job.picture.height, channels: channels, filledWith: value)
    }
  }

  /// Its one model: a value.
  private struct Grey: PackModel {
    static let part = PackPart("unet", title: "the grey", files: PackPart.diffusersFiles)
    let value: Float = 0.25
    init(_ pack: OpenedPack) throws {}
  }

  private func fill(_ kind: String, color: Float) throws -> (fill: Fill, stages: [String], note: String?) {
    var request = Request(.sdInpaint)
    (request.prompt, request.feather) = (kind, 0)
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    let job = try Plan(request, mask: TinyRun.mask(), width: TinyRun.width, height: TinyRun.height) {
      try Session($0, pack, families: [Flat.self], cache: ModelCache())
    }
    var stages: [String] = []
    let colors = [Float](repeating: color, count: job.passes[0].seen.area * 3)
    let fill = try job.run(pass: 0, colors, in: Workspace()) { stages.append($0.stage) }
    return (fill, stages, job.note)
  }

  @Test func itsFillTakesThePicturesPlace() throws {
    let result = try fill("fill", color: 0.5)
    #expect(result.fill.picture.values.allSatisfy { $0 == 0.25 } && result.fill.weight.values.allSatisfy { $0 == 1 })
    #expect(result.note == "flat" && result.stages.contains("Loading the grey") && result.stages.contains("Painting flat"))
  }

  @Test func itsChangeIsAddedToThePicture() throws {
    #expect(try fill("change", color: 0.5).fill.picture.values.allSatisfy { $0 == 0.75 })
    #expect(try fill("change", color: 0.9).fill.picture.values.allSatisfy { $0 == 1 })  // within what can be shown
  }

  @Test func itsMapIsShownAsGrey() throws {
    let picture = try fill("map", color: 0.5).fill.picture
    #expect(picture.channels == 3 && picture.values.allSatisfy { $0 == 0.25 })
  }

  @Test func whatNoFamilyDoesIsAnError() throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    #expect(throws: InpaintingError.self) { try Session(Request(.seeleRemove), pack, families: [Flat.self]) }
    #expect(throws: InpaintingError.self) { try Session(Request(.seeleReposition), pack) }
  }
}
