// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Checkpoints
import Glibc
import InpaintGraph
import Properties

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs an operation over picture files.",
    discussion: """
      Properties are those of the operation: inpaint run sd-inpaint in.png --mask mask.png -o out.png prompt="a meadow" steps=30
      inpaint run OPERATION --help lists them.

      Pictures and masks are turned upright first, as their EXIF orientation asks for, and the result is written so. It keeps \
      EXIF, XMP, IPTC, resolution, colour profile and text of the picture, where its format holds them.

      Exit status: 0 if the result is written; 1 after a failure; 3 if there was nothing to do, as under an empty mask; 64 if \
      the command cannot be understood. A failure leaves the files of results that were done before it.\(propertiesOfNamedOperation)
      """)

  /// For --help: those of the operation that the command line names.
  private static var propertiesOfNamedOperation: String {
    CommandLine.arguments.dropFirst(2).lazy.compactMap { Operation(named: $0) }.first
      .map { "\n\n" + PropertyList.text(of: $0) } ?? ""
  }

  @Argument(help: ArgumentHelp(
    "The operation, with or without \"inpaint:\": \(Operation.allCases.map(\.shortName).joined(separator: ", "))."))
  var operation: String

  @Argument(help: "The picture, in any format that GEGL reads.")
  var input: String

  @Option(help: "White where to repaint. Without it, the transparent part is repainted.")
  var mask: String?

  @Flag(help: "Scale a mask of another size to the picture's.")
  var fitMask = false

  @Flag(help: "Write the picture as it is where there is nothing to do, and exit with 0.")
  var allowEmpty = false

  @Option(name: [.short, .long], help: "Where the result goes; the ending says the format.")
  var output: String

  @Option(help: ArgumentHelp(
    "So many results, whose seeds follow each other: FILE-1.png, FILE-2.png ... for the output FILE.png.", valueName: "n"))
  var count = 1

  @Option(help: "A small PNG that shows what becomes of the picture, written anew at each step.")
  var preview: String?

  @Option(help: ArgumentHelp(
    "Quality of a JPEG or WebP result, 1 to 100. Without it a JPEG or lossless WebP stays coded as it is; else 90.",
    valueName: "n"))
  var quality: Int?

  @Flag(help: "Write prompt, seed and all other properties into the result (JPEG, PNG, TIFF, WebP), as XMP.")
  var record = false

  @Option(help: ArgumentHelp(
    "A result of --record, whose properties are taken; those of the command line come first.", valueName: "file"))
  var from: String?

  @Argument(help: "Properties as name=value.")
  var properties: [String] = []

  @Flag(help: "No progress bar.")
  var quiet = false

  /// The program is given bytes; those that are no text would come out as other names.
  func validate() throws {
    guard preview?.lowercased().hasSuffix(".png") ?? true else { throw ValidationError("--preview takes a name that ends in .png") }
    guard Self.counts.contains(count) else {
      throw ValidationError("--count is \(count); it may be \(Self.counts.lowerBound) to \(Self.counts.upperBound)")
    }
    if let preview, ([input, mask] + outputs).contains(preview) { throw ValidationError("--preview would overwrite \(preview)") }
    guard quality.map(Self.qualities.contains) ?? true else {
      throw ValidationError("--quality is \(quality!); it may be \(Self.qualities.lowerBound) to \(Self.qualities.upperBound)")
    }
    for (number, argument) in CommandLine.rawArguments.enumerated()
    where String(validatingCString: argument) == nil {
      throw ValidationError("argument \(number), \(String(cString: argument)), is not UTF-8 text; rename the file")
    }
  }

  func run() throws {
    var pairs = try properties.map { text -> (String, String) in
      guard let equals = text.firstIndex(of: "=") else {
        throw ValidationError("\"\(text)\" is not name=value")
      }
      let name = String(text[..<equals].map { $0 == "_" ? "-" : $0 })  // as GEGL takes both
      return (name, String(text[text.index(after: equals)...]))
    }
    inpaint_graph_init()
    let name = operation.contains(":") ? operation : "inpaint:" + operation
    guard inpaint_graph_has_operation(name, Run.ownPlugIns) else {
      throw ValidationError("GEGL finds no operation \(name); is the plug-in installed? (examples/install.sh, inpaint doctor)")
    }

    if record { try namePrompt(in: &pairs) }
    let names = pairs.map { strdup($0.0) }
    let values = pairs.map { strdup($0.1) }
    let texts: [String] = [name, input, mask ?? "", preview ?? "", from ?? ""]
    let paths = texts.map { strdup($0) }
    let outputs = outputs.map { strdup($0) }
    defer { (names + values + paths + outputs).forEach { free($0) } }
    let showProgress: InpaintGraphProgress? = quiet ? nil : { _, fraction in ProgressBar.show(fraction) }
    var failure: UnsafeMutablePointer<CChar>?
    let outcome = Self.withPointers(names, values, outputs) { names, values, outputs in
      var graph = InpaintGraph(
        operation: paths[0], input: paths[1], mask: mask == nil ? nil : UnsafePointer(paths[2]), outputs: outputs.baseAddress,
        output_count: Int32(outputs.count), preview: preview == nil ? nil : UnsafePointer(paths[3]),
        names: names.baseAddress, values: values.baseAddress, count: Int32(names.count),
        from: from == nil ? nil : UnsafePointer(paths[4]), quality: Int32(quality ?? 0), record: record,
        fit_mask: fitMask, allow_empty: allowEmpty)
      return inpaint_graph_run(&graph, showProgress, nil, &failure)
    }
    if !quiet { ProgressBar.clear() }
    switch outcome {
    case INPAINT_GRAPH_DONE: break
    case INPAINT_GRAPH_NOTHING: throw Self.nothingToDo
    default:
      printToStandardError((failure.map { String(cString: $0) } ?? "failed") + "\n")
      inpaint_graph_free(failure)
      throw ExitCode.failure
    }
  }

  /// Puts the prompt itself in the place of a file that it is read from: a record is to hold it.
  private func namePrompt(in pairs: inout [(String, String)]) throws {
    let (prompt, file) = (PropertyTable.shared.prompt.name, PropertyTable.shared.promptFile.name)
    guard let path = pairs.first(where: { $0.0 == file })?.1, !path.isEmpty else { return }
    do {
      let text = try RegularFile.prompt(path)
      pairs.removeAll { [prompt, file].contains($0.0) }
      pairs.append((prompt, text))
    } catch let error as CheckpointError { throw ValidationError("\(file): \(error.message)") }
  }

  private static let nothingToDo = ExitCode(3)
  private static let counts = 1...1000
  private static let qualities = 1...100

  /// The output's own name, or numbered ones that sort as their numbers do.
  private var outputs: [String] {
    guard count > 1 else { return [output] }
    let name = output.lastIndex(of: "/").map { output.index(after: $0) } ?? output.startIndex
    let dot = output[name...].lastIndex(of: ".") ?? output.endIndex
    return (1...count).map { number in
      let zeros = String(repeating: "0", count: String(count).count - String(number).count)
      return "\(output[..<dot])-\(zeros)\(number)\(output[dot...])"
    }
  }

  private typealias Strings = UnsafeBufferPointer<UnsafePointer<CChar>?>

  private static func withPointers<Result>(
    _ first: [UnsafeMutablePointer<CChar>?], _ second: [UnsafeMutablePointer<CChar>?],
    _ third: [UnsafeMutablePointer<CChar>?], _ body: (Strings, Strings, Strings) -> Result
  ) -> Result {
    func constant(_ strings: [UnsafeMutablePointer<CChar>?]) -> [UnsafePointer<CChar>?] { strings.map { UnsafePointer($0) } }
    return constant(first).withUnsafeBufferPointer { first in
      constant(second).withUnsafeBufferPointer { second in
        constant(third).withUnsafeBufferPointer { third in body(first, second, third) }
      }
    }
  }

  /// The plug-ins folder of the same prefix as this program, where GEGL may not look by itself.
  static var ownPlugIns: String? {
    guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(resolved) }
    let path = String(cString: resolved)
    return path.lastIndex(of: "/").map { String(path[..<$0]) + "/../share/gegl-0.4/plug-ins" }
  }
}

extension CommandLine {
  /// As the system handed them over, the program's name first.
  fileprivate static var rawArguments: [UnsafePointer<CChar>] {
    (0..<Int(argc)).compactMap { unsafeArgv[$0].map { UnsafePointer($0) } }
  }
}

/// A bar on standard error, where that is a terminal.
private enum ProgressBar {
  private static let width = 40

  static func show(_ fraction: Double) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let fraction = fraction > 0 ? min(fraction, 1) : 0  // of any operation of GEGL
    let done = Int(fraction * Double(width))
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: width - done)
    printToStandardError("\r[\(bar)] \(Int(fraction * 100))%")
  }

  static func clear() {
    if isatty(STDERR_FILENO) == 1 { printToStandardError("\r\u{1B}[K") }
  }
}

func printToStandardError(_ text: String) {
  var text = text
  _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
