// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser

@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inpaint", abstract: "Fills holes in pictures with inpainting models, on the processor, offline.",
    subcommands: [Models.self, Run.self, PropertyList.self, Bench.self, Doctor.self])
}
