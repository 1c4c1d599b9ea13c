// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// Files that torch.save wrote: Tests/fixtures/torch.
@Suite struct TorchFileTests {
  let folder = TemporaryFolder()

  @Test(arguments: ["types.pt", "views.pt", "lightning.ckpt", "model.pth", "module.pt", "lone.pt", "zip64.pt"])
  func tensorsAreThoseThatWereSaved(name: String) throws {
    let file = try openTensorSource(fixtures + "/torch/" + name)
    let reference = try openTensorSource(fixtures + "/torch/expected.safetensors")
    let prefix = name + "/"
    let expected = reference.tensors.keys.compactMap { $0.removingPrefix(prefix) }
    #expect(!expected.isEmpty && file.tensors.keys.sorted() == expected.sorted())
    for tensor in expected {
      #expect(file.tensors[tensor] == reference.tensors[prefix + tensor], "\(tensor)")
      let (result, wanted) = try (file.read(tensor, rows: nil), reference.read(prefix + tensor, rows: nil))
      #expect(result.byteArray == wanted.byteArray, "\(tensor)")
      guard let rows = result.shape.first, rows > 1 else { continue }
      let cut = try (file.read(tensor, rows: 1..<rows), reference.read(prefix + tensor, rows: 1..<rows))
      #expect(cut.0.byteArray == cut.1.byteArray && cut.0.shape == cut.1.shape, "rows of \(tensor)")
    }
  }

  @Test func aFileFromBeforePyTorch16IsRefusedWithTheRemedy() {
    let message = refusal { _ = try openTensorSource(fixtures + "/torch/legacy.pt") }
    #expect(message.contains("before PyTorch 1.6") && message.contains("save it again with torch.save"))
  }

  /// The content decides, not the name.
  @Test func namesDoNotMatter() throws {
    let torch = folder.write(fileBytes("torch/model.pth"), "a.safetensors")
    #expect(try openTensorSource(torch).tensors.keys.sorted() == ["a.b"])
    let other = folder.write(safetensors(["a"]), "b.ckpt")
    #expect(try openTensorSource(other).tensors.keys.sorted() == ["a"])
  }

  @Test func otherArchivesAreNamed() {
    let zip = folder.write(storedArchive([("word/document.xml", [1])]), "a.ckpt")
    #expect(refusal { _ = try openTensorSource(zip) }.contains("without data.pkl, not a torch file"))
    let two = folder.write(storedArchive([("a/data.pkl", [0x2E]), ("b/data.pkl", [0x2E])]), "b.ckpt")
    #expect(refusal { _ = try openTensorSource(two) }.contains("without data.pkl"))
    let big = folder.write(storedArchive([("a/data.pkl", [0x4E, 0x2E]), ("a/byteorder", Array("big".utf8))]), "c.ckpt")
    #expect(refusal { _ = try openTensorSource(big) }.contains("big-endian"))
    let none = folder.write(torchFile([0x7D, 0x2E]), "d.ckpt")
    #expect(refusal { _ = try openTensorSource(none) }.contains("no tensors in archive/data.pkl; expected a dictionary"))
  }

  /// PyTorch Lightning's file of LeftRefill (ewrfcas/LeftRefill, Apache-2.0).
  @Test(.enabled(if: thirdParty("leftrefill_prompt.ckpt") != nil, "leftrefill_prompt.ckpt is not in ../shared/fixtures"))
  func leftRefillsPromptIsRead() throws {
    let file = try openTensorSource(try #require(thirdParty("leftrefill_prompt.ckpt")))
    let name = "cond_stage_model.special_embeddings.weight"
    #expect(file.tensors == [name: TensorDescription(.float32, [50, 1024])])
    let values = try file.read(name, rows: nil).floats
    #expect(values.allSatisfy(\.isFinite) && Set(values).count > 40_000)
    // Its standard deviation is that of OpenCLIP's token embeddings, about 0.02.
    let rms = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
    #expect((0.001...0.1).contains(rms), "\(rms)")
  }

  // MARK: - Models

  @Test func aOneFileCheckpointIsACkpt() throws {
    let ckpt = try OpenedPack.open(fixtures + "/torch/one-file.ckpt")
    let expected = try OpenedPack.open(fixtures + "/checkpoints/one-file.safetensors")
    for part in [PackPart.vae, .textEncoder] {
      let (result, wanted) = try (ckpt.weights(part), expected.weights(part))
      for name in ["quant_conv.weight", "decoder.conv_in.weight", "final_layer_norm.bias", "encoder.layers.0.self_attn.k_proj.weight"] {
        guard let shape = wanted.shape(of: name) else { continue }
        #expect(try result.tensor(name, shape: shape).byteArray == wanted.tensor(name, shape: shape).byteArray, "\(name)")
      }
      #expect(try ckpt.byteCount(part) == expected.byteCount(part))
    }
  }

  @Test(arguments: [(PackPart.unet, "diffusion_pytorch_model"), (.textEncoder, "pytorch_model"), (.mae, "model")])
  func aFoldersBinIsReadWhereThereIsNoSafetensors(part: PackPart, stem: String) throws {
    folder.write(fileBytes("torch/model.pth"), "\(part.name)/\(stem).bin")
    #expect(try OpenedPack.open(folder.path).weights(part).shape(of: "a.b") == [3, 4])
    let safe = part.name == "unet" ? stem : "model"
    folder.write(safetensors(["c"]), "\(part.name)/\(safe).fp16.safetensors")
    let weights = try OpenedPack.open(folder.path).weights(part)
    #expect(weights.contains("c") && !weights.contains("a.b"))
  }

  @Test func shardsOfTorchFilesAreRead() throws {
    folder.write(#"{"weight_map":{"a.b":"pytorch_model-00001-of-00001.bin"}}"#, "text_encoder/pytorch_model.bin.index.json")
    folder.write(fileBytes("torch/model.pth"), "text_encoder/pytorch_model-00001-of-00001.bin")
    #expect(try OpenedPack.open(folder.path).weights(.textEncoder).shape(of: "a.b") == [3, 4])
  }
}
