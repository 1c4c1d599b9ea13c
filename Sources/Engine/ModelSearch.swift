// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Properties

/// Where the models of a family are looked for.
package struct ModelSearch {
  /// A place in the search order.
  package struct Place: Equatable, Sendable {
    package let path: String
    /// Why it is looked at, for messages: "property model", "GEGL_INPAINT_MODEL".
    package let reason: String
  }

  private let shelf: ModelShelf
  /// An environment variable's value.
  private let environment: (String) -> String?
  /// The folder of the module or program that this code is in.
  private let ownFolder: String?

  /// In this process' environment.
  package init(_ shelf: ModelShelf = DiffusionPainter.shelf) {
    self.init(shelf, environment: { name in getenv(name).map { String(cString: $0) } }, ownFolder: Self.folderOfThisCode)
  }

  /// For an operation, which need not be one that models paint.
  package init(_ operation: Operation) { self.init(Session.family(of: operation)?.shelf ?? DiffusionPainter.shelf) }

  init(
    _ shelf: ModelShelf = DiffusionPainter.shelf, environment: @escaping (String) -> String?, ownFolder: String?
  ) {
    self.shelf = shelf
    self.environment = environment
    self.ownFolder = ownFolder
  }

  /// The first model of: the property, the variable, the user's default, the installed one.
  ///
  /// Throws where a place that the user named has no model, or where there is none at all.
  package func open(_ property: String) throws -> OpenedPack {
    if !property.isEmpty { return try open(Place(path: property, reason: "property model")) }
    guard let place = candidates.first else {
      throw InpaintingError(
        "no model found; set the property model or \(shelf.variable) to \(shelf.wanted), or put one at "
          + "\(usersDefault.path); looked at \(installedPlaces.map(\.path).joined(separator: ", "))")
    }
    return try open(place)
  }

  /// All places after the property, in order.
  package var places: [Place] { [placeOfVariable].compactMap { $0 } + installedPlaces }

  /// Those that a run without the property looks at: it takes the first, or fails where that has no model.
  package var candidates: [Place] { [placeOfVariable].compactMap { $0 } + installedPlaces.filter { isThere($0.path) } }

  private func open(_ place: Place) throws -> OpenedPack {
    do { return try OpenedPack.open(place.path) } catch let error as CheckpointError {
      throw InpaintingError("\(place.reason): \(error.message)")
    }
  }

  private var placeOfVariable: Place? {
    variable(shelf.variable).map { Place(path: $0, reason: shelf.variable) }
  }

  /// Where a user puts a model, or a link to one, that is to be used by itself.
  package var usersDefault: Place { Place(path: models + shelf.usersDefault, reason: "the user's default") }

  private var models: String { dataHome + "/gegl-inpaint/models/" }

  private var installedPlaces: [Place] {
    // Each under the most that can be said of it.
    var places = [usersDefault, Place(path: models + shelf.installed, reason: "installed for the user")]
    if places[0].path == places[1].path { places.removeLast() }
    guard let ownFolder else { return places }
    let prefix = parent(ownFolder)
    // From PREFIX/share/gegl-0.4/plug-ins, and from PREFIX/bin.
    let shared = [parent(prefix), prefix + "/share"].map { $0 + "/gegl-inpaint/models/" + shelf.installed }
      .filter { path in !places.contains { $0.path == path } }
    places.insert(contentsOf: shared.map { Place(path: $0, reason: "installed with the plug-in") }, at: 1)
    return places
  }

  /// An empty variable counts as none.
  private func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }

  /// Relative paths in the variable are to be ignored (XDG Base Directory Specification 0.8).
  private var dataHome: String {
    if let path = variable("XDG_DATA_HOME"), path.hasPrefix("/") { return path }
    return (variable("HOME") ?? "") + "/.local/share"
  }

  /// A link without a target counts: the user meant something by it.
  private func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private func parent(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path }

  /// That of the file mapped where this code lies: a module's own, not its host's.
  private static var folderOfThisCode: String? {
    let own = UInt(bitPattern: #dsohandle)
    for line in ProcFile.lines("/proc/self/maps") {
      let fields = line.split(separator: " ", maxSplits: 5)
      let range = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard range.count == 2, (range[0]..<range[1]).contains(own), fields.count == 6 else { continue }
      let path = fields[5].drop { $0 == " " }
      return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
    return nil
  }
}
