// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

extension LoadedModels {
  /// A part of a run that can be timed by itself.
  package struct TimedPart {
    package let name: String
    /// Makes the part's inputs in a workspace and gives what is to be timed.
    package let prepare: (Workspace) throws -> () throws -> Void
  }

  private var family: any Painter.Type { Session.families(of: pack)[0] }

  /// Reads the models of the parts.
  package func loadTimed() throws { try load(family.requiredModels) { _ in } }

  /// As `Painter.timedParts`.
  package func timedParts(side: Int) throws -> [TimedPart] { try family.timedParts(self, side: side) }

  /// As `Painter.timedRun`.
  package func timedRun(side: Int, steps: Int) throws -> TimedPart? {
    try family.timedRun(self, side: side, steps: steps)
  }
}
