// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Properties

/// The model that a run takes where the property `model` names none.
package struct DefaultModel {
  /// Of its file or folder, as a user knows it: links are followed.
  package let name: String
  /// Where it is and why it is looked at there; below it what it is, or why it cannot be used.
  package let description: String

  /// That of an operation; nil where no place that is looked at has anything.
  package init?(of operation: Operation) { self.init(ModelSearch(Request(operation).carriedOut().request.operation)) }

  init?(_ search: ModelSearch) {
    guard let place = search.candidates.first else { return nil }
    let target = realpath(place.path, nil)
    defer { free(target) }
    let path = target.map { String(cString: $0) } ?? place.path
    name = path.split(separator: "/").last.map(String.init) ?? path
    let state: String
    do { state = try PackReport(OpenedPack.open(place.path)).summary } catch { state = "cannot be used: \(error)" }
    description = "\(place.path)  (\(place.reason))\n\(state)"
  }
}
