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

      A folder as INPUT stands for the pictures in it: --mask is then a folder with a mask of each one's name but for the \
      ending, or one mask for all, and --output the folder of the results, which have the pictures' names. The model is read \
      once. A picture that fails is reported, and the others are done.

      Exit status: 0 if the result is written; 1 after a failure; 3 if there was nothing to do, as under an empty mask; 64 if \
      the command cannot be understood. A failure leaves the files of results that were done before it. Over a folder it is 1 \
      if any picture failed, and 3 if there was nothing to do in any.\(propertiesOfNamedOperation)
      """)

  /// For --help: those of the operation that the command line names.
  private static var propertiesOfNamedOperation: String {
    CommandLine.arguments.dropFirst(2).lazy.compactMap { Operation(named: $0) }.first
      .map { "\n\n" + PropertyList.text(of: $0) } ?? ""
  }

  @Argument(help: ArgumentHelp(
    "The operation, with or without \"inpaint:\": \(Operation.allCases.map(\.shortName).joined(separator: ", "))."))
  var operation: String

  @Argument(help: "The picture, in any format that GEGL reads, or a folder of pictures.")
  var input: String

  @Option(help: "White where to repaint. Without it, the transparent part is repainted.")
  var mask: String?

  @Option(help: "What of the mask counts: luminance, alpha, red, or any color; auto is luminance, unless that marks nothing.")
  var maskFrom = MaskFrom.auto

  @Flag(help: "Black where to repaint.")
  var invertMask = false

  @Flag(help: "Scale a mask of another size to the picture's.")
  var fitMask = false

  @Flag(help: "Write the picture as it is where there is nothing to do, and exit with 0.")
  var allowEmpty = false

  @Option(name: [.short, .long], help: "Where the result goes; the ending says the format.")
  var output: String

  @Option(help: ArgumentHelp(
    "So many results, whose seeds follow each other: FILE-1.png, FILE-2.png ... for the output FILE.png.", valueName: "n"))
  var count = 1

  @Flag(help: "Of a folder, leave out pictures whose results are there.")
  var skipExisting = false

  @Option(help: ArgumentHelp(
    "Of a folder, only every Nth picture from the Kth on, for N programs that share the work.", valueName: "k/n"))
  var shard: PictureFolder.Shard?

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
    if let preview, ([input, mask] + numbered(output)).contains(preview) { throw ValidationError("--preview would overwrite \(preview)") }
    guard quality.map(Self.qualities.contains) ?? true else {
      throw ValidationError("--quality is \(quality!); it may be \(Self.qualities.lowerBound) to \(Self.qualities.upperBound)")
    }
    guard mask != nil || (maskFrom == .auto && !invertMask) else {
      throw ValidationError("--mask-from and --invert-mask are about a mask; name its file with --mask")
    }
    guard isFolder || (shard == nil && !skipExisting) else {
      throw ValidationError("--shard and --skip-existing are for a folder, which \(input) is not")
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
    let run = GraphRun(
      operation: name, input: input, mask: mask, maskFrom: maskFrom, invertMask: invertMask, outputs: numbered(output),
      preview: preview, properties: pairs, from: from, quality: quality ?? 0, record: record, fitMask: fitMask, allowEmpty: allowEmpty)
    try isFolder ? runOverFolder(run) : runOnce(run)
  }

  private var isFolder: Bool { Checkpoints.isFolder(input) }

  private func runOnce(_ run: GraphRun) throws {
    let outcome = run { if !quiet { ProgressBar.show($0) } }
    if !quiet { ProgressBar.clear() }
    switch outcome {
    case .done: break
    case .nothingToDo: throw Self.nothingToDo
    case .failed(let reason):
      printToStandardError(reason + "\n")
      throw ExitCode.failure
    }
  }

  private func runOverFolder(_ run: GraphRun) throws {
    let pictures: PictureFolder
    do { pictures = try PictureFolder(input, mask: mask) } catch { throw ValidationError(error.message) }
    guard !pictures.names.isEmpty else {
      printToStandardError("\(input): there are no pictures in this folder\n")
      throw ExitCode.failure
    }
    guard mkdir(output, 0o777) == 0 || Checkpoints.isFolder(output) else {
      throw ValidationError("\(output): a folder's results go into a folder, which this is not and cannot be made")
    }
    for taken in [input, mask].compactMap({ $0 }) where PictureFolder.isSame(taken, output) {
      throw ValidationError("the results would overwrite the pictures in \(taken)")
    }
    if let preview {
      let parent = preview.lastIndex(of: "/").map { String(preview[...$0]) } ?? "."
      for taken in [input, mask, output].compactMap({ $0 }) where PictureFolder.isSame(taken, parent) {
        throw ValidationError("--preview \(preview) lies among the pictures of \(taken); name another folder")
      }
    }
    let folder = FolderRun(
      pictures: pictures, output: output, shard: shard, skipsExisting: skipExisting, outputs: numbered)
    let summary = folder(run) { fraction, text in if !quiet { ProgressBar.show(fraction, text) } }
    if !quiet {
      ProgressBar.clear()
      printToStandardError("\(input): \(summary.text)\n")
    }
    if summary.failed > 0 { throw ExitCode.failure }
    if summary.withNothingToDo > 0, summary.written + summary.skipped == 0 { throw Self.nothingToDo }
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

  /// An output's own name, or numbered ones that sort as their numbers do.
  private func numbered(_ output: String) -> [String] {
    guard count > 1 else { return [output] }
    let name = output.lastIndex(of: "/").map { output.index(after: $0) } ?? output.startIndex
    let dot = output[name...].lastIndex(of: ".") ?? output.endIndex
    return (1...count).map { number in
      let zeros = String(repeating: "0", count: String(count).count - String(number).count)
      return "\(output[..<dot])-\(zeros)\(number)\(output[dot...])"
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

extension MaskFrom: ExpressibleByArgument {}

/// A bar on standard error, where that is a terminal.
private enum ProgressBar {
  private static let width = 40

  /// text: what is to be said of it.
  static func show(_ fraction: Double, _ text: String = "") {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let fraction = fraction > 0 ? min(fraction, 1) : 0  // of any operation of GEGL
    let done = Int(fraction * Double(width))
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: width - done)
    printToStandardError("\r\u{1B}[K[\(bar)] \(Int(fraction * 100))%\(text.isEmpty ? "" : ", " + text)")
  }

  static func clear() {
    if isatty(STDERR_FILENO) == 1 { printToStandardError("\r\u{1B}[K") }
  }
}

func printToStandardError(_ text: String) {
  var text = text
  _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
