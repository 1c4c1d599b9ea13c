// SPDX-License-Identifier: LGPL-3.0-or-later
import Properties
import Testing
import TestSupport

@testable import InpaintABI
@testable import Numerics

/// Memory is reserved before a run, and enough of it.
@Suite struct ReservedMemoryTests {
  private let folder = TemporaryFolder()

  /// Each model's tensors, with and without a LoRA's, at a size at which they are most of what is planned.
  @Test(
    arguments: [
      (.sdInpaint, .plain), (.asukaInpaint, .harmonizing), (.seeleHarmonize, .plain), (.seeleHarmonize, .harmonizing),
    ] as [(Operation, DecoderChoice)], ["", "/lora/kohya.safetensors"])
  func whatARunReservesIsEnough(_ kind: (operation: Operation, decoder: DecoderChoice), _ lora: String) throws {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/tiny-sd15/" + part, part)
    }
    for (pack, part) in [("fine-tuned", "mae"), ("fitting", "alignment"), ("fine-tuned", "harmonizing_decoder")] {
      folder.link(fixtures + "/asuka/packs/\(pack)/\(part)", part)
    }
    folder.link(fixtures + "/lora/kohya.safetensors", "lora/harmonize.safetensors")
    let workspace = Workspace()
    var request = Request(kind.operation)
    (request.model, request.steps, request.guidance, request.workingSize) = (folder.path, 3, 3, 512)
    request.cacheInterval = 2
    request.decoder = kind.decoder
    request.lora = lora.isEmpty ? "" : fixtures + lora
    _ = try TinyRun(request, workspace: workspace)
    #expect(workspace.largeAllocations == 0, "\(workspace.peakBytes >> 20) MB at most")
    #expect(workspace.peakBytes > 48 << 20)  // more than is left for scratch
  }

  /// With wide last layers, and with a deep middle.
  @Test(arguments: ["lama/plain.safetensors", "lama/small.safetensors"]) func whatLaMaReservesIsEnough(file: String) throws {
    let workspace = Workspace()
    var request = Request(.lamaInpaint)
    (request.model, request.workingSize) = (fixtures + "/" + file, 2048)
    _ = try TinyRun(request, workspace: workspace)
    #expect(workspace.largeAllocations == 0, "\(workspace.peakBytes >> 20) MB at most")
    #expect(workspace.peakBytes > 48 << 20)  // more than is left for scratch
  }
}
