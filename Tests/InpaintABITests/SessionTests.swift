// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Engine
import Glibc
import Imaging
import Properties
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
}
