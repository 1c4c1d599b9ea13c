// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Layers
import Numerics
import Properties

/// What a pack is and what it can do.
package struct PackReport {
  package enum Ability {
    /// Bytes of memory that a run over the native size takes with nothing read yet; what the pack recommends, as
    /// properties are written.
    case can(bytes: Int, recommended: String)
    /// Why not.
    case cannot(String)
  }

  /// "SD 1".
  package let title: String
  /// The longer side of the pictures that the models were trained on, in pixels.
  package let nativeSize: Int
  package let weightBytes: Int
  package let abilities: [(operation: Operation, ability: Ability)]
  /// What is taken for granted where the pack does not say it, and what it says that nobody reads; a sentence each.
  package let notes: [String]

  /// One line: "SD 1, native size 512, weights 2034 MB".
  package var summary: String { "\(title), native size \(nativeSize), weights \(megabytes(weightBytes)) MB" }

  /// Reads configurations and files' headers.  Throws `CheckpointError` where the pack has no model that can be used.
  package init(_ pack: OpenedPack) throws {
    let families = Session.families(of: pack)
    (title, nativeSize) = try families[0].summary(pack)
    notes = try families.flatMap { try $0.assumptions(pack) }
      + pack.unreadRecommendations(
        keys: [OpenedPack.nativeSizeKey], operations: Set(Operation.painted.map(\.rawValue)),
        properties: Recommendation.properties)
    weightBytes = try families.flatMap { $0.models }.filter { pack.has($0.part) }
      .reduce(0) { try $0 + pack.byteCount($1.part) }
    let region = Rectangle(x: 0, y: 0, width: nativeSize, height: nativeSize)
    abilities = families.flatMap { $0.operations }.map { operation in
      do {
        let session = try Session(Request(operation), pack)
        let detail = session.traits.detail == .surroundings ? region : .empty
        let size = PaintSize(width: region.width, height: region.height, region: region, detail: detail)
        let recommended = try Recommendation(pack, for: operation).text
        return (operation, .can(bytes: try session.bytesNeeded(size), recommended: recommended))
      } catch { return (operation, .cannot("\(error)")) }
    }
  }

  /// Reads a pack wholly: all models, and what it has beside them for its operations.
  ///
  /// Throws for the first thing that is wrong, and for a part that every model of its kind has and that is not there,
  /// naming the operations that cannot run for it.
  package static func check(_ pack: OpenedPack) throws {
    let (loaded, families) = (LoadedModels(pack), Session.families(of: pack))
    let operations = families.flatMap { $0.operations }
    try loaded.load(families.flatMap { $0.models }.filter { pack.has($0.part) }) { _ in }
    let missing = families.flatMap { $0.requiredModels }.filter { !pack.has($0.part) }
    guard missing.isEmpty else {
      let stopped = operations.filter { (try? Session(Request($0), pack)) == nil }
      throw CheckpointError(
        "\(pack.path): not complete: no \(missing.map { $0.part.name }.joined(separator: ", no ")); "
          + "\(stopped.map(\.rawValue).joined(separator: ", ")) cannot run with it")
    }
    let workspace = Workspace()
    for operation in operations {
      guard let session = try? Session(Request(operation), pack) else { continue }  // the report says why
      try session.check(loaded, in: workspace)
    }
  }
}
