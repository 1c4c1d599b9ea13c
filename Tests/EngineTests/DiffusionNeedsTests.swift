// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Layers
import Numerics
import Properties
import StableDiffusion
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

  /// Of the UNet's weights, 16 bits in the pack, but for small layers and norms; the other models' count as ever.
  @Test func int8IsPlannedWithHalfOfTheUNet() throws {
    let pack = try OpenedPack.open(fixtures + "/../../plugin-manifest/models/mini")
    let whole = try UNet2DConditionModel.byteCount(pack, .float32)
    let quantized = try UNet2DConditionModel.byteCount(pack, .int8)
    #expect(try whole == pack.byteCount(UNetConfiguration.part))
    #expect(quantized > whole / 2 && quantized < whole * 6 / 10)
    #expect(try PackAutoencoder.byteCount(pack, .int8) == pack.byteCount(PackAutoencoder.part))
    var request = Request(.sdInpaint)
    let size = PaintSize(width: 64, height: 64, region: Rectangle(x: 0, y: 0, width: 64, height: 64), detail: .empty)
    let exact = try Session(request, pack).bytesNeeded(size)
    request.precision = .int8
    #expect(try exact - Session(request, pack).bytesNeeded(size) == whole - quantized)
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
