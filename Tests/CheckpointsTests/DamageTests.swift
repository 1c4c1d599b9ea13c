// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// Flipped bits, exchanged bytes and cut ends either load or throw: nothing traps, hangs or takes memory that the file
/// does not have.
@Suite struct DamageTests {
  let folder = TemporaryFolder()

  /// Seeded, so that a failure comes again (Knuth's MMIX generator).
  struct Damage {
    var state: UInt64

    mutating func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }

    /// One to four changes, most of them within the first `focus` bytes.
    mutating func damaged(_ whole: [UInt8], focus: Int) -> [UInt8] {
      var bytes = random(6) == 0 ? Array(whole.prefix(random(whole.count + 1))) : whole
      for _ in 0..<1 + random(4) where !bytes.isEmpty {
        let index = random(random(8) == 0 ? bytes.count : min(focus, bytes.count))
        switch random(4) {
        case 0: bytes[index] = Array(#"{}[]",:.-+0123456789eE\u"#.utf8)[random(24)]
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(bytes[random(bytes.count)], at: index)
        default: bytes[index] ^= UInt8(1 << random(8))
        }
      }
      return bytes
    }
  }

  /// Asks for every tensor of every part.
  func readAll(_ pack: OpenedPack) {
    for part in [PackPart.unet, .vae, .textEncoder] {
      guard let weights = try? pack.weights(part) else { continue }
      for name in ["conv_in.weight", "encoder.conv_in.weight", "encoder.layers.0.self_attn.q_proj.weight", "quant_conv.bias"] {
        if let shape = weights.shape(of: name) { _ = try? weights.tensor(name, shape: shape) }
      }
      _ = weights["encoder"].count(of: "layers")
      _ = try? weights.finish()
    }
  }

  @Test(arguments: 0..<8) func damagedFilesNeverEndTheProcess(seed: Int) throws {
    let whole = fileBytes("checkpoints/sharded/text_encoder/model-00002-of-00002.safetensors")
    try #require(!whole.isEmpty)
    var damage = Damage(state: UInt64(seed))
    var loaded = 0
    for _ in 0..<200 {
      let path = folder.write(damage.damaged(whole, focus: whole.count))
      guard let file = try? openTensorSource(path) else { continue }
      loaded += 1
      for name in file.tensors.keys { _ = try? file.read(name, rows: nil) }
    }
    #expect(loaded > 0 && loaded < 200, "the damage must be neither hopeless nor harmless: \(loaded)")
  }

  @Test(arguments: 0..<4) func damagedOneFileCheckpointsNeverEndTheProcess(seed: Int) throws {
    let names = [
      "model.diffusion_model.input_blocks.0.0.weight", "model.diffusion_model.output_blocks.2.1.conv.weight",
      "first_stage_model.decoder.up.3.block.0.nin_shortcut.weight", "first_stage_model.quant_conv.bias",
      "cond_stage_model.model.transformer.resblocks.10.mlp.c_fc.weight", "cond_stage_model.model.ln_final.bias",
    ]
    let whole = safetensors(names.map { ($0, [1]) } + [("cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight", [6, 2])])
    var damage = Damage(state: UInt64(100 + seed))
    for _ in 0..<300 {
      if let pack = try? OpenedPack.open(folder.write(damage.damaged(whole, focus: whole.count))) { readAll(pack) }
    }
  }

  @Test(arguments: 0..<4) func damagedIndicesAndConfigurationsNeverEndTheProcess(seed: Int) throws {
    let index = Array(#"{"metadata":{"total_size":8},"weight_map":{"conv_in.weight":"one.safetensors","b":"two.safetensors"}}"#.utf8)
    let configuration = fileBytes("packs/tiny-sd2/unet/config.json")
    folder.write(safetensors(["conv_in.weight"]), "unet/one.safetensors")
    folder.write(safetensors(["b"]), "unet/two.safetensors")
    var damage = Damage(state: UInt64(200 + seed))
    for _ in 0..<300 {
      folder.write(damage.damaged(index, focus: index.count), "unet/diffusion_pytorch_model.safetensors.index.json")
      folder.write(damage.damaged(configuration, focus: configuration.count), "unet/config.json")
      let pack = try OpenedPack.open(folder.path)
      readAll(pack)
      _ = try? pack.configuration(.unet)
    }
  }
}
