// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Checkpoints
import Engine

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the models that the operations find, in the order in which they look.", subcommands: [List.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the models that the operations find.")

    func run() throws {
      let searches = Session.families.map { ModelSearch($0.shelf) }
      let candidates = searches.flatMap(\.candidates)
      for place in candidates {
        print("\(place.path)  (\(place.reason))")
        do { print(try Models.description(of: OpenedPack.open(place.path))) } catch { print("  cannot be used: \(error)") }
      }
      if candidates.isEmpty {
        print("No models. Looked at:")
        for place in searches.flatMap(\.places) { print("  \(place.path)  (\(place.reason))") }
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads a model wholly and says what it is, or what is wrong with it.")

    @Argument(help: "A diffusers folder, its model_index.json, or a one-file checkpoint of Stable Diffusion or LaMa.")
    var path: String

    func run() throws {
      let pack = try OpenedPack.open(path)
      try PackReport.check(pack)
      let description = try Models.description(of: pack)
      print("\(path): complete")
      print(description)
    }
  }

  /// Indented lines: what it is, what it takes, what it can do.
  static func description(of pack: OpenedPack) throws -> String {
    let report = try PackReport(pack)
    var lines = [report.summary]
    for (operation, ability) in report.abilities {
      switch ability {
      case .cannot(let reason): lines.append("\(operation.rawValue): \(reason)")
      case .can(let bytes, let recommended):
        let needed = "\(operation.rawValue), about \(megabytes(bytes)) MB of memory"
        lines.append(needed + (recommended.isEmpty ? "" : ", recommended: " + recommended))
      }
    }
    lines += report.notes.map { "note: " + $0 }
    return lines.map { "  " + $0 }.joined(separator: "\n")
  }
}
