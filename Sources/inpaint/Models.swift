import ArgumentParser
import Checkpoints
import Inpainting
import StableDiffusion

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the models that the operations find, in the order in which they look.", subcommands: [List.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the models that the operations find.")

    func run() throws {
      var found = false
      for place in ModelSearch().places {
        guard let pack = try? ModelPack.open(place.path) else { continue }
        found = true
        print("\(place.path)  (\(place.reason))")
        do { print("  " + Models.describe(try ModelSummary(pack))) } catch { print("  cannot be used: \(error)") }
      }
      if !found {
        print("No models. Looked at:")
        for place in ModelSearch().places { print("  \(place.path)  (\(place.reason))") }
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads a model wholly and says what it is, or what is wrong with it.")

    @Argument(help: "A diffusers folder, its model_index.json, or a one-file .safetensors checkpoint.")
    var path: String

    func run() throws {
      let pack = try ModelPack.open(path)
      let summary = try ModelSummary(pack)
      _ = try StableDiffusionInpainter(pack) { _ in }
      print("\(path): complete")
      print("  " + Models.describe(summary))
    }
  }

  static func describe(_ summary: ModelSummary) -> String {
    let pixels = summary.nativeSize * summary.nativeSize
    let memory = megabytes(summary.weightBytes + summary.activationBytes(pixels: pixels))
    return "\(summary.family), native size \(summary.nativeSize), weights \(megabytes(summary.weightBytes)) MB, "
      + "about \(memory) MB of memory for a run; for \(Operation.allCases.map(\.rawValue).joined(separator: ", "))"
  }
}
