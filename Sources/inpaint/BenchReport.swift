// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Glibc
import Numerics

/// What `inpaint bench` has measured.
struct BenchReport {
  private struct Row {
    let part: String
    let seconds: Double
    let workspaceMB: Int
    let peakMB: Int
    /// Of the quickest turn.
    let layers: [Profile.Kind: Profile.Entry]

    var operations: Double { layers.values.reduce(0) { $0 + $1.operations } }
  }

  let side: Int
  let turns: Int
  let arithmetic: String
  /// Operations a second in registers alone.
  var peakRate: Double
  private var rows: [Row] = []

  init(side: Int, turns: Int, arithmetic: String, peakRate: Double) {
    self.side = side
    self.turns = turns
    self.arithmetic = arithmetic
    self.peakRate = peakRate
  }

  /// Times what `prepare` makes in a workspace.
  mutating func measure(
    _ part: String, turns: Int, prepare: (Workspace) throws -> () throws -> Void
  ) throws {
    ResidentPeak.reset()
    let clock = ContinuousClock()
    let profile = Profile()
    let workspace = Workspace(profile: profile)
    let body = try prepare(workspace)
    var quickest: (seconds: Double, layers: [Profile.Kind: Profile.Entry]) = (.infinity, [:])
    for _ in 0..<turns {
      let before = profile.entries
      let seconds = try clock.measure { try body() }.seconds
      if seconds < quickest.seconds { quickest = (seconds, profile.entries.without(before)) }
    }
    rows.append(
      Row(
        part: part, seconds: quickest.seconds, workspaceMB: megabytes(workspace.peakBytes), peakMB: ResidentPeak.megabytes,
        layers: quickest.layers))
  }

  mutating func measure(_ part: String, turns: Int, _ body: @escaping (Workspace) throws -> Void) throws {
    try measure(part, turns: turns, prepare: { workspace in { try body(workspace) } })
  }

  // MARK: - As text

  var table: String {
    var lines = [
      "\(side) x \(side) pixels, \(arithmetic), \(rounded(peakRate * 1e-9, 1)) GFLOP/s in registers alone",
      column("part", 36) + column("seconds", 10) + column("GFLOP/s", 10) + column("share", 8) + column("workspace MB", 14) + "peak MB",
    ]
    for row in rows {
      lines.append(line(row.part, row.seconds, row.operations) + column("\(row.workspaceMB)", 14) + "\(row.peakMB)")
      for (kind, entry) in inOrder(row.layers) { lines.append(line("  " + kind.rawValue, entry.seconds, entry.operations)) }
      if !row.layers.isEmpty { lines.append(line("  other", other(row), 0)) }
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ name: String, _ seconds: Double, _ operations: Double) -> String {
    let rate = operations / max(seconds, 1e-9)
    return column(name, 36) + column("\(rounded(seconds, 3))", 10)
      + column(operations > 0 ? "\(rounded(rate * 1e-9, 1))" : "", 10)
      + column(operations > 0 ? "\(Int((100 * rate / peakRate).rounded())) %" : "", 8)
  }

  private func column(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

  var json: String {
    let parts = rows.map { row in
      let layers = inOrder(row.layers).map { kind, entry in
        #"{"kind": "\#(kind.rawValue)", "# + rates(entry.seconds, entry.operations) + "}"
      } + (row.layers.isEmpty ? [] : [#"{"kind": "other", "# + rates(other(row), 0) + "}"])
      return #"{"part": "\#(row.part)", "# + rates(row.seconds, row.operations)
        + #", "workspace_mb": \#(row.workspaceMB), "peak_resident_mb": \#(row.peakMB), "layers": [\#(layers.joined(separator: ", "))]}"#
    }
    return #"{"side": \#(side), "turns": \#(turns), "arithmetic": "\#(arithmetic)", "peak_gflops": \#(rounded(peakRate * 1e-9, 1)), "#
      + #""peak_resident_mb": \#(rows.map(\.peakMB).max() ?? 0), "parts": [\#(parts.joined(separator: ", "))]}"#
  }

  private func rates(_ seconds: Double, _ operations: Double) -> String {
    let rate = operations / max(seconds, 1e-9)
    return #""seconds": \#(rounded(seconds, 4)), "gflops": \#(rounded(rate * 1e-9, 1)), "share": \#(rounded(rate / peakRate, 3))"#
  }

  private func other(_ row: Row) -> Double { max(0, row.seconds - row.layers.values.reduce(0) { $0 + $1.seconds }) }

  private func inOrder(_ layers: [Profile.Kind: Profile.Entry]) -> [(Profile.Kind, Profile.Entry)] {
    Profile.Kind.allCases.compactMap { kind in layers[kind].map { (kind, $0) } }
  }

  private func rounded(_ value: Double, _ digits: Int) -> Double {
    let scale = pow(10, Double(digits))
    return (value * scale).rounded() / scale
  }
}

extension [Profile.Kind: Profile.Entry] {
  /// What came after `before`.
  fileprivate func without(_ before: Self) -> Self {
    var result = self
    for (kind, entry) in before {
      result[kind]?.seconds -= entry.seconds
      result[kind]?.operations -= entry.operations
    }
    return result
  }
}

/// The most memory that this process has held since the last `reset`.
private enum ResidentPeak {
  static func reset() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }  // without it the peak is of all that ran before
    fputs("5", file)
    fclose(file)
  }

  static var megabytes: Int {
    let field = "VmHWM:"
    let line = ProcFile.lines("/proc/self/status").first { $0.hasPrefix(field) } ?? ""
    let kilobytes = line.dropFirst(field.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 0
    return (kilobytes + 1023) >> 10
  }
}
