import ArgumentParser
import Checkpoints
import Inpainting
import StableDiffusion
import Tensors

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the models that the operations find, in the order in which they look.", subcommands: [List.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the models that the operations find.")

    func run() throws {
      let candidates = ModelSearch().candidates
      for place in candidates {
        print("\(place.path)  (\(place.reason))")
        do { print(try Models.description(of: OpenedPack.open(place.path))) } catch { print("  cannot be used: \(error)") }
      }
      if candidates.isEmpty {
        print("No models. Looked at:")
        for place in ModelSearch().places { print("  \(place.path)  (\(place.reason))") }
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads a model wholly and says what it is, or what is wrong with it.")

    @Argument(help: "A diffusers folder, its model_index.json, or a one-file .safetensors or .ckpt checkpoint.")
    var path: String

    func run() throws {
      let pack = try OpenedPack.open(path)
      let model = LoadedModel(pack)
      try model.load(ModelPart.allCases.filter(pack.has)) { _ in }
      try Self.checkParts(of: pack)
      _ = try model.inpainter()
      let workspace = Workspace()
      for operation in Operation.allCases { try operation.check(model, in: workspace) }
      let description = try Models.description(of: pack)
      print("\(path): complete")
      print(description)
    }

    /// Throws where a part that every Stable Diffusion model has is not there, naming the operations that cannot run for it.
    private static func checkParts(of pack: OpenedPack) throws {
      let missing = [ModelPart.textEncoder, .unet, .autoencoder].filter { !pack.has($0) }
      guard !missing.isEmpty else { return }
      let stopped = Operation.allCases.filter { $0.obstacle(in: pack) != nil }
      throw CheckpointError(
        "\(pack.path): not complete: no \(missing.map(\.rawValue).joined(separator: ", no ")); "
          + "\(stopped.map(\.rawValue).joined(separator: ", ")) cannot run with it")
    }
  }

  /// Indented lines: what it is, what it takes, what it can do.
  static func description(of pack: OpenedPack) throws -> String {
    let summary = try ModelSummary(pack)
    var lines = ["\(summary.family), native size \(summary.nativeSize), weights \(megabytes(try pack.weightBytes())) MB"]
    for operation in Operation.allCases {
      if let obstacle = operation.obstacle(in: pack) {
        lines.append("\(operation.rawValue): \(obstacle)")
        continue
      }
      let needed = "\(operation.rawValue), about \(megabytes(try MemoryPlan.needed(operation, pack))) MB of memory"
      let advice = try Recommendation(pack, for: operation)
      let values = [
        advice.guidance.map { "guidance=\($0)" }, advice.steps.map { "steps=\($0)" },
        advice.sampler.map { "sampler=\($0.rawValue)" }, advice.decoder.map { "decoder=\($0.rawValue)" },
        advice.detail.map { "detail=\($0.rawValue)" }, advice.strength.map { "strength=\($0)" },
      ].compactMap { $0 }
      lines.append(needed + (values.isEmpty ? "" : ", recommended: " + values.joined(separator: " ")))
    }
    return lines.map { "  " + $0 }.joined(separator: "\n")
  }
}
