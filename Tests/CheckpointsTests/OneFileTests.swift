// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// Whole models in one file under the original names.
@Suite struct OneFileTests {
  let folder = TemporaryFolder()

  func parts(_ tensors: [(name: String, shape: [Int])]) throws -> [String: TensorCatalog] {
    try OneFileCheckpoint.parts(SafetensorsFile(folder.write(safetensors(tensors))))
  }

  /// A tensor that makes a file a checkpoint.
  static let first = (name: "model.diffusion_model.input_blocks.0.0.weight", shape: [320, 9, 3, 3])

  // MARK: - Full-size names

  /// Every tensor of SD 1.5 and SD 2 inpainting goes to the name and shape that diffusers gives it, none is left over.
  @Test(arguments: [NameList.Family.sd15, .sd2]) func fullSizeModelsHaveDiffusersNamesAndShapes(family: NameList.Family) throws {
    let list = try NameList(family)
    let parts = try OneFileCheckpoint.parts(list.source)
    #expect(parts.keys.sorted() == ["text_encoder", "unet", "vae"])
    #expect(list.expected["unet"]?.count == 686 && list.expected["vae"]?.count == 248)
    #expect(list.expected["text_encoder"]?.count == (family == .sd15 ? 196 : 372))
    for (part, expected) in list.expected {
      let locations = try #require(parts[part]).locations
      #expect(Set(locations.keys) == Set(expected.keys))
      for (name, shape) in expected {
        // A 1x1 convolution there is a linear layer here.
        let there = locations[name]?.description.shape ?? []
        #expect(there == shape || there == shape + [1, 1], "\(part) \(name): \(there), expected \(shape)")
      }
    }
  }

  /// The families are told apart by shapes, and so is a UNet that does not inpaint.
  @Test func shapesTellTheFamilies() throws {
    for (family, context) in [(NameList.Family.sd15, 768), (.sd2, 1024)] {
      let unet = Weights(try #require(try OneFileCheckpoint.parts(NameList(family).source)["unet"]))
      #expect(unet["down_blocks"][0]["attentions"][0]["transformer_blocks"][0].shape(of: "attn2.to_k.weight") == [320, context])
      #expect(unet.shape(of: "conv_in.weight") == [320, 9, 3, 3])
    }
    let other = try parts([("model.diffusion_model.input_blocks.0.0.weight", [8, 4, 3, 3])])
    #expect(Weights(try #require(other["unet"])).shape(of: "conv_in.weight") == [8, 4, 3, 3])
  }

  /// A checkpoint made from diffusers' text encoder has 23 layers already: none of them is left out.
  @Test func onlyTheTwentyFourthLayerIsLeftOut() throws {
    let list = try NameList(.sd2)
    let tensors = list.source.tensors.filter { !$0.key.contains(".resblocks.23.") }
    let parts = try OneFileCheckpoint.parts(NamedShapes(tensors))
    #expect(Weights(try #require(parts["text_encoder"]))["encoder"].count(of: "layers") == 23)
  }

  // MARK: - Values

  /// Each tensor's checksum is that of diffusers' own conversion.
  @Test func valuesAreThoseOfDiffusersConversion() throws {
    let sums = try JSON(parsing: RegularFile.text(fixtures + "/checkpoints/one-file.json", limit: 1 << 20), source: "one-file.json")
    let pack = try OpenedPack.open(fixtures + "/checkpoints/one-file.safetensors")
    #expect(pack.isOneFile && !pack.has(.unet) && pack.has(.vae))
    var count = 0
    for (part, expected) in try #require(sums.object) {
      let weights = try pack.weights(#require([PackPart.vae, .textEncoder].first { $0.name == part }))
      for (name, sum) in try #require(expected.object) {
        let tensor = try weights.tensor(name, shape: #require(weights.shape(of: name), "\(part) \(name)"))
        let own = tensor.floats.enumerated().reduce(0.0) { $0 + Double($1.element) * Double($1.offset + 1) }
        #expect(abs(own - (sum.double ?? .nan)) <= 1e-4, "\(part) \(name)")
        count += 1
      }
      try weights.finish()
    }
    #expect(count == 104)
  }

  @Test func joinedProjectionsAreCutIntoThirds() throws {
    let layer = "cond_stage_model.model.transformer.resblocks.0.attn."
    let path = folder.write(safetensors([Self.first, (layer + "in_proj_weight", [6, 2]), (layer + "in_proj_bias", [6])]))
    let pack = try OpenedPack.open(path)
    let attention = try pack.weights(.textEncoder)["encoder"]["layers"][0]["self_attn"]
    #expect(try attention["q_proj"].tensor("weight", shape: [2, 2]).floats == [0, 1, 2, 3])
    #expect(try attention["k_proj"].tensor("weight", shape: [2, 2]).floats == [4, 5, 6, 7])
    #expect(try attention["v_proj"].tensor("weight", shape: [2, 2]).floats == [8, 9, 10, 11])
    #expect(try attention["v_proj"].tensor("bias", shape: [2]).floats == [4, 5])
    #expect(refusal { try attention.finish() }.contains("2 tensors"))
    #expect(try pack.byteCount(.textEncoder) == 72)
    #expect(
      refusal { _ = try attention["k_proj"].tensor("bias", shape: [3]) }
        == "\(path): tensor encoder.layers.0.self_attn.k_proj.bias (there \(layer)in_proj_bias) has shape [2], expected [3]")
  }

  @Test(arguments: [[7, 2], [0, 2], []]) func whatCannotBeCutIntoThirdsIsRefused(shape: [Int]) {
    let name = "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight"
    #expect(refusal { _ = try parts([Self.first, (name, shape)]) }.contains("\(name) \(shape) is not three joined projections"))
  }

  // MARK: - Names

  @Test func oldAndShortNamesAreAccepted() throws {
    let parts = try parts([
      ("vae.encoder.mid.attn_1.q.weight", [2, 2, 1, 1]), ("vae.decoder.mid.attn_1.proj_out.bias", [2]),
      ("cond_stage_model.transformer.final_layer_norm.bias", [2]),
    ])
    #expect(parts["vae"]?.locations.keys.sorted() == ["decoder.mid_block.attentions.0.to_out.0.bias", "encoder.mid_block.attentions.0.to_q.weight"])
    #expect(parts["text_encoder"]?.locations.keys.sorted() == ["final_layer_norm.bias"])
  }

  @Test func whatIsNoWeightIsLeftOut() throws {
    let parts = try parts([
      Self.first, ("betas", [1]), ("alphas_cumprod", [1]), ("global_step", []), ("model_ema.diffusion_modelinput_blocks00weight", [1]),
      ("first_stage_model.loss.logvar", [1]), ("cond_stage_model.logit_scale", [1]), ("cond_stage_model.model.attn_mask", [1]),
      ("cond_stage_model.transformer.text_model.embeddings.position_ids", [1]),
    ])
    #expect(parts.mapValues(\.locations.count) == ["unet": 1])
  }

  @Test(arguments: [
    "model.diffusion_model.", "model.diffusion_model....", "model.diffusion_model.label_emb.0.0.weight", "model.diffusion_model.out",
    "model.diffusion_model.input_blocks.-9223372036854775808.0.x.y", "model.diffusion_model.input_blocks.1000.0.op.weight",
    "model.diffusion_model.input_blocks.99999999999999999999.0.in_layers.0.weight", "model.diffusion_model.input_blocks.+1.0.op.weight",
    "model.diffusion_model.input_blocks.1.2.conv.weight", "model.diffusion_model.output_blocks.1", "model.diffusion_model.middle_block.3.x",
    "model.diffusion_model.joint_blocks.0.x", "first_stage_model.", "first_stage_model.decoder", "first_stage_model.decoder.up.4.block.0.conv1.weight",
    "first_stage_model.decoder.up.-9223372036854775808.block.0.conv1.weight", "first_stage_model.encoder.down.0.attn.0.q.weight",
    "cond_stage_model.model.", "cond_stage_model.model.transformer.resblocks", "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight.x",
    "cond_stage_model.model.visual.proj", "conditioner.embedders.0.transformer.x", "control_model.x.y", "lora_unet_x.alpha", ".",
  ]) func aTensorWithoutAPlaceIsRefusedByName(name: String) {
    let message = refusal { _ = try parts([Self.first, (name, [1])]) }
    #expect(message.contains("1 tensors have no place in Stable Diffusion 1 or 2, so it is another model's: \(name)"), "\(message)")
  }

  @Test func twoNamesOfOneTensorAreRefused() {
    let message = refusal { _ = try parts([("vae.quant_conv.bias", [1]), ("first_stage_model.quant_conv.bias", [1])]) }
    #expect(message.contains("two tensors for vae quant_conv.bias"))
  }

  @Test func aFileOfOtherTensorsIsNoCheckpoint() {
    #expect(refusal { _ = try parts([("lora.down", [1])]) }.contains("neither a Stable Diffusion checkpoint nor a LaMa: no tensors model.diffusion_model.*"))
  }

  @Test func aPartThatIsNotInTheFileIsNamed() throws {
    let path = folder.write(safetensors([Self.first]))
    let pack = try OpenedPack.open(path)
    #expect(try pack.has(.unet) && pack.configuration(.unet) == nil && pack.text("tokenizer/vocab.json") == nil)
    #expect(refusal { _ = try pack.weights(.vae) } == "no vae in \(path); expected tensors first_stage_model.*")
    #expect(refusal { _ = try pack.byteCount(.mae) }.contains("the rest needs a folder"))
  }
}
