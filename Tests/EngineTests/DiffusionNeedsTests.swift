// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import TestSupport
import Testing

@testable import Engine

/// What a run of Stable Diffusion's families needs of the memory.
@Suite struct DiffusionNeedsTests {
  private let folder = TemporaryFolder()

  /// A step of it holds no more than a fill's, but for the noise of all steps at once.
  @Test func harmonizingReservesTheNoiseOfAllSteps() throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    func bytes(steps: Int) throws -> Int {
      var request = Request(.seeleHarmonize)
      (request.lora, request.steps) = (fixtures + "/lora/kohya.safetensors", steps)
      return try DiffusionPainter(request, pack).tensorBytes(width: 512, height: 512)
    }
    #expect(try bytes(steps: 150) - bytes(steps: 50) == 100 * 64 * 64 * 4 * 4)
  }

  @Test func thePacksLoRACountsAsMemoryBesideTheUsers() throws {
    let lora = fixtures + "/lora/kohya.safetensors"
    for part in ["unet", "vae", "text_encoder", "tokenizer"] { folder.link(fixtures + "/packs/tiny-sd15/" + part, part) }
    folder.link(lora, "lora/harmonize.safetensors")
    let pack = try OpenedPack.open(folder.path)
    var request = Request(.seeleHarmonize)
    let one = try LoRA.byteCountWhileAdded(lora)
    #expect(try one > 0 && DiffusionPainter(request, pack).extraBytes == one)
    request.lora = lora
    #expect(try DiffusionPainter(request, pack).extraBytes == 2 * one)
    request = Request(.seeleRemove)
    #expect(try DiffusionPainter(request, pack).extraBytes == 0)
  }
}
