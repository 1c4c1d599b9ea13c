// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Checkpoints
import Engine
import Glibc
import Numerics
import Properties

extension Precision: ExpressibleByArgument {}

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times each part of a model, its kinds of layers, and a whole run.",
    discussion: """
      A part's peak is the most memory that the whole program has held while it ran. Shares are of what the processor reaches \
      in registers alone, and may be above 100 %: Winograd's algorithm takes a quarter of the multiplications that are counted.
      """)

  @Option(help: "The model; without it, the one that the operations find.")
  var model = ""

  @Option(help: "Side of the picture in pixels; 0 is the model's native size.")
  var size = 0

  @Option(help: "Turns of each part; the least time counts.")
  var turns = 3

  @Option(help: "Steps of the whole run; 0 leaves it out.")
  var steps = 20

  @Option(help: "As the property: auto, float32, float16, bfloat16 or int8.")
  var precision = Precision.auto

  @Flag(help: "JSON instead of a table.")
  var json = false

  func run() throws {
    let pack = try ModelSearch().open(model)
    let side = try size > 0 ? size : PackReport(pack).nativeSize
    guard side % 64 == 0, side <= 4096, (1...100).contains(turns), (0...150).contains(steps) else {
      throw ValidationError("size must be a multiple of 64 up to 4096, turns 1 to 100, steps 0 to 150")
    }
    let arithmetic = precision.arithmetic
    var report = BenchReport(side: side, turns: turns, arithmetic: arithmetic.name, peakRate: arithmetic.peakRate)
    let models = LoadedModels(pack, arithmetic)
    try report.measure("load", turns: 1) { _ in try models.loadTimed() }
    for part in try models.timedParts(side: side) { try report.measure(part.name, turns: turns, prepare: part.prepare) }
    if steps > 0, let run = try models.timedRun(side: side, steps: steps) {
      try report.measure(run.name, turns: 1, prepare: run.prepare)
    }
    report.peakRate = max(report.peakRate, arithmetic.peakRate)  // the quieter moment's
    print(json ? report.json : report.table)
  }
}
