// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Properties

/// The table of properties, for the documentation and for programs.
struct PropertyList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "properties", abstract: "Lists all properties of all operations, one a line, separated by tabs.")

  @Flag(help: "A table in Markdown instead, one row for each name.")
  var markdown = false

  func run() throws { print(markdown ? Self.markdown : Self.lines) }

  // MARK: - For one operation

  /// What `inpaint run OPERATION --help` adds.
  static func text(of operation: Operation) -> String {
    let lines = PropertyTable.properties(of: operation).flatMap { property in
      let initial = property.defaultText(on: operation)
      let shown = initial.isEmpty ? "" : ", default \(initial)"
      return ["  \(property.name)=...  (\(property.kind.valuesText)\(shown))", "      " + property.help(on: operation)]
    }
    return (["Properties of \(operation.rawValue):", ""] + lines).joined(separator: "\n")
  }

  // MARK: - For all

  private static var markdown: String {
    let rows = PropertyTable.all.map { property in
      "| `\(property.name)` | \(values(of: property)) | \(defaults(of: property)) | \(operations(of: property)) | "
        + "\(help(of: property)) |"
    }
    return (["| property | may be | default | operations | meaning |", "|---|---|---|---|---|"] + rows).joined(separator: "\n")
  }

  private static func values(of property: any AnyProperty) -> String {
    if case .choice(let nicks) = property.kind { return nicks.map { "`\($0)`" }.joined(separator: " ") }
    return property.kind.valuesText
  }

  /// The commonest one, then the operations that have another.
  private static func defaults(of property: any AnyProperty) -> String {
    grouped(property) { property.defaultText(on: $0) }.enumerated().map { index, group in
      let text = group.text.isEmpty ? "none" : group.text
      return index == 0 ? text : "\(names(group.operations)) \(text)"
    }.joined(separator: ", ")
  }

  /// The commonest one, then those of operations where it means something else.
  private static func help(of property: any AnyProperty) -> String {
    grouped(property) { property.help(on: $0) }.enumerated().map { index, group in
      index == 0 ? group.text : "\(names(group.operations)): \(group.text)"
    }.joined(separator: ".<br>")
  }

  /// Texts of an operation each, the commonest first.
  private static func grouped(
    _ property: any AnyProperty, _ text: (Operation) -> String
  ) -> [(text: String, operations: [Operation])] {
    Dictionary(grouping: property.operations, by: text).map { ($0.key, $0.value) }
      .sorted { ($0.1.count, $1.0) > ($1.1.count, $0.0) }
  }

  private static func operations(of property: any AnyProperty) -> String {
    let others = Operation.allCases.filter { !property.operations.contains($0) }
    if others.isEmpty { return "all" }
    return others.count < property.operations.count ? "all but " + names(others) : names(property.operations)
  }

  private static func names(_ operations: [Operation]) -> String { operations.map(\.shortName).joined(separator: ", ") }

  /// With the range's ends, or the choices, in columns of their own.
  private static var lines: String {
    let rows = Operation.allCases.flatMap { operation in
      PropertyTable.properties(of: operation).map { property in
        let (kind, least, most, choices) = columns(property.kind)
        return [
          operation.rawValue, property.name, kind, least, most, choices, property.defaultText(on: operation),
          property.help(on: operation),
        ]
      }
    }
    let header = ["operation", "name", "kind", "minimum", "maximum", "choices", "default", "help"]
    return ([header] + rows).map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }

  private static func columns(_ kind: PropertyKind) -> (kind: String, least: String, most: String, choices: String) {
    switch kind {
    case .text: ("text", "", "", "")
    case .file: ("file", "", "", "")
    case .boolean: ("boolean", "", "", "")
    case .seed: ("seed", "0", "\(UInt32.max)", "")
    case .integer(let range): ("integer", "\(range.lowerBound)", "\(range.upperBound)", "")
    case .number(let range): ("number", "\(range.lowerBound)", "\(range.upperBound)", "")
    case .choice(let nicks): ("choice", "", "", nicks.joined(separator: " "))
    }
  }
}

extension Operation {
  /// Without the prefix, as commands take it.
  var shortName: String { String(rawValue.dropFirst("inpaint:".count)) }

  /// With or without the prefix.
  init?(named name: String) { self.init(rawValue: name.contains(":") ? name : "inpaint:" + name) }
}
