import ArgumentParser

@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inpaint", abstract: "Fills holes in pictures with inpainting models, on the processor, offline.",
    subcommands: [Models.self, Run.self, Bench.self])
}

/// Whole megabytes, rounded up.
func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
