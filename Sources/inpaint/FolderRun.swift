// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// An operation over the pictures of a folder: results of the same names in another one.
struct FolderRun {
  let pictures: PictureFolder
  /// An existing folder.
  let output: String
  var shard: PictureFolder.Shard?
  var skipsExisting = false
  /// Of a picture's result: its own name, or numbered ones.
  var outputs: (String) -> [String] = { [$0] }

  struct Summary {
    var written = 0
    var skipped = 0
    var withNothingToDo = 0
    var failed = 0

    var text: String {
      let parts = [(written, "written"), (skipped, "skipped"), (withNothingToDo, "with nothing to do"), (failed, "failed")]
      return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
  }

  /// Runs `run` with each picture's files.  What fails is said on standard error; the others go on.
  ///
  /// progress: 0 ... 1, of all, and what is to be said of it.
  func callAsFunction(_ run: GraphRun, progress: (Double, String) -> Void) -> Summary {
    var summary = Summary()
    let names = pictures.names.enumerated().filter { shard?.has($0.offset) ?? true }.map(\.element)
    let jobs = names.filter { name in
      let isDone = skipsExisting && outputs(output + "/" + name).allSatisfy(PictureFolder.isThere)
      if isDone { summary.skipped += 1 }
      return !isDone
    }
    let start = ContinuousClock.now
    for (index, name) in jobs.enumerated() {
      let outcome = result(of: name, run) { fraction in
        let done = (Double(index) + min(max(fraction, 0), 1)) / Double(jobs.count)
        progress(done, "\(index + 1) of \(jobs.count)" + Self.rest(start.duration(to: .now), done))
      }
      switch outcome {
      case .done: summary.written += 1
      case .nothingToDo: summary.withNothingToDo += 1
      case .failed(let reason):
        summary.failed += 1
        printToStandardError("\(pictures.path(name)): \(reason)\n")
      }
    }
    return summary
  }

  private func result(of name: String, _ run: GraphRun, progress: (Double) -> Void) -> GraphRun.Outcome {
    var run = run
    run.input = pictures.path(name)
    run.outputs = outputs(output + "/" + name)
    do { run.mask = try pictures.mask(of: name) } catch { return .failed(error.message) }
    return run(progress: progress)
  }

  /// How long the rest takes, if it goes on as it went.
  private static func rest(_ elapsed: Duration, _ done: Double) -> String {
    guard done > 0 else { return "" }
    let seconds = Int((Double(elapsed.components.seconds) * (1 - done) / done).rounded())
    return switch seconds {
    case ..<60: ", \(seconds) s left"
    case ..<3600: ", \(seconds / 60) min left"
    default: ", \(seconds / 3600) h \(seconds / 60 % 60) min left"
    }
  }
}
