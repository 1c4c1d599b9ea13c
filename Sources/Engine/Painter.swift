// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Layers
import Numerics
import Properties

/// A model family at work for one request: what the engine knows of it.
///
/// One more family is one more type that conforms, named in `Session.families`.
package protocol Painter: AnyObject, SendableMetatype {
  /// What it can be asked for.
  static var operations: [Operation] { get }
  /// Where its models are looked for.
  static var shelf: ModelShelf { get }
  /// All models that the family may read from a pack.
  static var models: [any PackModel.Type] { get }

  /// Those of them that every pack of the family has.
  static var requiredModels: [any PackModel.Type] { get }
  /// What a pack is called in lists, "SD 1", and the longer side of the pictures that it was trained on, in pixels.
  ///
  /// Throws `CheckpointError` where a part is missing or cannot be used.
  static func summary(_ pack: OpenedPack) throws -> (title: String, nativeSize: Int)
  /// What is taken for granted where a pack does not say it, a sentence each.
  ///
  /// Throws `CheckpointError` where the system does not say what is there.
  static func assumptions(_ pack: OpenedPack) throws -> [String]

  /// The parts of a run over side x side pixels, in the order in which they run; the required models have been read.
  static func timedParts(_ models: LoadedModels, side: Int) throws -> [LoadedModels.TimedPart]
  /// A whole fill of side x side pixels, with guidance; nil for models that take no steps.
  static func timedRun(_ models: LoadedModels, side: Int, steps: Int) throws -> LoadedModels.TimedPart?

  /// Reads configurations and files' headers.
  ///
  /// Throws `CheckpointError` for what the pack lacks, naming it and what could be done instead, and where a part cannot be
  /// used; `InpaintingError` for values of the request that do not fit.
  init(_ request: Request, _ pack: OpenedPack) throws

  /// What the user may want to know before a run; nil where all is as expected.
  var note: String? { get }
  var traits: PaintTraits { get }

  /// The models that the next job reads or has read, in the order in which it needs them.
  func needs(_ models: LoadedModels) -> [any PackModel.Type]
  /// Those of them that it lets go before its tensors take most.
  var released: [any PackModel.Type] { get }
  /// Bytes that files beside the models take when they are read.
  var extraBytes: Int { get }
  /// The most bytes that the tensors of a job of width x height pixels take at once.
  func tensorBytes(width: Int, height: Int) throws -> Int

  /// Paints a job with models that have been read.
  ///
  /// Gives a picture of the job's size, of the kind that `traits` say.  Throws `Cancelled` where the workspace was, and
  /// `CheckpointError` or `InpaintingError` where the models do not fit each other or what they are asked.
  func paint(
    _ job: PaintJob, _ models: LoadedModels, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture

  /// Reads what the pack has beside the models for the request, and checks that all fits together.
  func check(_ models: LoadedModels, in workspace: Workspace) throws
}

extension Painter {
  /// Whether a pack has anything of the family.
  static func recognizes(_ pack: OpenedPack) -> Bool { models.contains { pack.has($0.part) } }

  static func assumptions(_ pack: OpenedPack) throws -> [String] { [] }
  static func timedParts(_ models: LoadedModels, side: Int) throws -> [LoadedModels.TimedPart] { [] }
  static func timedRun(_ models: LoadedModels, side: Int, steps: Int) throws -> LoadedModels.TimedPart? { nil }
}
