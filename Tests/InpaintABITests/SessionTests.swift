// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
@testable import Engine
import Glibc
import Imaging
import Properties
import StableDiffusion
import TestSupport
import Numerics
import Testing

@testable import InpaintABI

/// What a request is made of is read once, however many passes it takes.
@Suite struct SessionTests {
  /// All passes of a canvas that grows; `between` is called after the first.  The fills.
  private func fills(_ request: Request, _ between: () -> Void = {}) throws -> [[Float]] {
    let mask = [Float](repeating: 0, count: 96 * 80)
    let cache = ModelCache()  // other tests ask the common one for other models
    let job = try Plan(request, mask: mask, width: 96, height: 80) {
      try Session($0, OpenedPack.open($0.model), cache: cache)
    }
    #expect(job.passes.count > 1)
    return try job.passes.enumerated().map { number, pass in
      if number == 1 { between() }
      let colors = (0..<pass.seen.area * 3).map { Float($0 % 7) / 7 }
      return try job.run(pass: number, colors, in: Workspace()) { _ in }.picture.values
    }
  }

  /// Nothing can be read of files that are gone.
  @Test func laterPassesReadNoFile() throws {
    let (folder, pack) = (TemporaryFolder(), fixtures + "/packs/tiny-sd15")
    var request = Request(.outpaint)
    (request.left, request.right, request.steps, request.guidance) = (64, 64, 2, 3)
    request.lora = folder.path + "/lora.safetensors"
    request.promptFile = folder.path + "/prompt.txt"
    request.model = folder.path + "/pack"
    func makeFiles() {
      for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] { folder.link(pack + "/" + part, "pack/" + part) }
      folder.write(fileBytes("lora/kohya.safetensors"), "lora.safetensors")
      folder.write("green grass", "prompt.txt")
    }
    makeFiles()
    let kept = try fills(request)
    let gone = try fills(request) {
      for name in ["lora.safetensors", "prompt.txt", "pack/unet", "pack/vae", "pack/text_encoder", "pack/tokenizer", "pack/scheduler"] {
        #expect(remove(folder.path + "/" + name) == 0)
      }
    }
    let isSame = gone == kept  // thousands of values are no message
    #expect(isSame)
  }

  /// The stages of a run of `request`, and its fill.
  private func run(_ request: Request, _ cache: ModelCache) throws -> (stages: Set<String>, fill: [Float]) {
    let plan = try Plan(request, mask: TinyRun.mask(), width: TinyRun.width, height: TinyRun.height) {
      try Session($0, OpenedPack.open($0.model), cache: cache)
    }
    let colors = (0..<plan.passes[0].seen.area * 3).map { Float($0 % 7) / 7 }
    var stages = Set<String>()
    let fill = try plan.run(pass: 0, colors, in: Workspace()) { stages.insert($0.stage) }
    return (stages, fill.picture.values)
  }

  @Test func theSamePictureIsNotPaintedTwice() throws {
    let cache = ModelCache()
    let request = TinyRun.request { $0.seed = 3 }
    let first = try run(request, cache)
    let again = try run(request, cache)
    #expect(first.stages.count > 3 && again.stages == ["Done"])
    let isSame = first.fill == again.fill
    #expect(isSame)
  }

  @Test(arguments: ["seed", "prompt", "guidance", "lora"]) func anotherPictureIsPainted(_ change: String) throws {
    let (cache, folder) = (ModelCache(), TemporaryFolder())
    folder.write(fileBytes("lora/kohya.safetensors"), "lora.safetensors")
    var request = TinyRun.request { ($0.prompt, $0.guidance, $0.lora) = ("a meadow", 2, folder.path + "/lora.safetensors") }
    let first = try run(request, cache)
    switch change {
    case "seed": request.seed = 4
    case "prompt": request.prompt = "green grass"
    case "guidance": request.guidance = 3
    default: folder.write(fileBytes("lora/kohya.safetensors"), "lora.safetensors")  // another file in its place
    }
    #expect(first.stages != ["Done"])
    #expect(try run(request, cache).stages != ["Done"])
  }

  /// Where memory counts the text encoder goes before the steps; it need not come back for another seed.
  @Test func aTextIsEncodedOnceForAllSeeds() throws {
    let request = TinyRun.request { $0.prompt = "green grass" }
    let pack = try OpenedPack.open(request.model)
    let painter = try DiffusionPainter(request, pack)
    let models = LoadedModels(pack)
    func encode(_ models: LoadedModels) throws {
      _ = try painter.context(.text("green grass"), models, in: Workspace())
      _ = try painter.context(.text(""), models, in: Workspace())
    }
    #expect(painter.needs(models).contains { $0 == PromptEncoder.self })
    try encode(models)
    var other = request
    other.seed = 5
    #expect(try !DiffusionPainter(other, pack).needs(models).contains { $0 == PromptEncoder.self })
    other.clipSkip = 1
    #expect(try DiffusionPainter(other, pack).needs(models).contains { $0 == PromptEncoder.self })
  }
}
