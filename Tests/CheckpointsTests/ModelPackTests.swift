import Glibc
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct ModelPackTests {
  @Test func oneFileNamesAreDiffusersNames() throws {
    let pairs: [(String, String, String)] = [
      ("model.diffusion_model.input_blocks.0.0.weight", "unet", "conv_in.weight"),
      ("model.diffusion_model.time_embed.2.bias", "unet", "time_embedding.linear_2.bias"),
      ("model.diffusion_model.input_blocks.1.0.in_layers.0.weight", "unet", "down_blocks.0.resnets.0.norm1.weight"),
      ("model.diffusion_model.input_blocks.3.0.op.weight", "unet", "down_blocks.0.downsamplers.0.conv.weight"),
      ("model.diffusion_model.input_blocks.5.1.proj_in.weight", "unet", "down_blocks.1.attentions.1.proj_in.weight"),
      ("model.diffusion_model.middle_block.2.out_layers.3.bias", "unet", "mid_block.resnets.1.conv2.bias"),
      ("model.diffusion_model.output_blocks.2.1.conv.weight", "unet", "up_blocks.0.upsamplers.0.conv.weight"),
      ("model.diffusion_model.output_blocks.5.2.conv.bias", "unet", "up_blocks.1.upsamplers.0.conv.bias"),
      ("model.diffusion_model.output_blocks.11.0.skip_connection.weight", "unet", "up_blocks.3.resnets.2.conv_shortcut.weight"),
      ("model.diffusion_model.out.2.weight", "unet", "conv_out.weight"),
      ("first_stage_model.encoder.down.1.block.0.nin_shortcut.weight", "vae", "encoder.down_blocks.1.resnets.0.conv_shortcut.weight"),
      ("first_stage_model.encoder.down.0.downsample.conv.bias", "vae", "encoder.down_blocks.0.downsamplers.0.conv.bias"),
      ("first_stage_model.decoder.up.3.upsample.conv.weight", "vae", "decoder.up_blocks.0.upsamplers.0.conv.weight"),
      ("first_stage_model.decoder.mid.attn_1.q.weight", "vae", "decoder.mid_block.attentions.0.q.weight"),
      ("first_stage_model.decoder.norm_out.weight", "vae", "decoder.conv_norm_out.weight"),
      ("first_stage_model.post_quant_conv.weight", "vae", "post_quant_conv.weight"),
      ("cond_stage_model.transformer.text_model.encoder.layers.3.mlp.fc1.bias", "text_encoder", "encoder.layers.3.mlp.fc1.bias"),
      ("cond_stage_model.model.transformer.resblocks.4.mlp.c_proj.weight", "text_encoder", "encoder.layers.4.mlp.fc2.weight"),
      ("cond_stage_model.model.ln_final.bias", "text_encoder", "final_layer_norm.bias"),
    ]
    for (stored, part, name) in pairs {
      #expect(try LDMNames.targets(of: stored) == [LDMNames.Target(part: part, name: name)], "\(stored)")
    }
    let joined = try LDMNames.targets(of: "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight")
    #expect(joined.map(\.name) == ["q", "k", "v"].map { "encoder.layers.0.self_attn.\($0)_proj.weight" })
    #expect(joined.map(\.third) == [0, 1, 2])
  }

  @Test func whatIsNoWeightIsLeftOut() throws {
    for name in ["betas", "model_ema.decay", "cond_stage_model.model.logit_scale",
      "cond_stage_model.transformer.text_model.embeddings.position_ids"] {
      #expect(try LDMNames.targets(of: name).isEmpty)
    }
  }

  @Test func olderNamesAreTheNewest() {
    #expect(CanonicalNames.name("encoder.mid_block.attentions.0.query.weight", part: "vae") == "encoder.mid_block.attentions.0.to_q.weight")
    #expect(CanonicalNames.name("decoder.mid_block.attentions.0.proj_attn.bias", part: "vae") == "decoder.mid_block.attentions.0.to_out.0.bias")
    #expect(CanonicalNames.name("decoder.mid_block.attentions.0.norm.bias", part: "vae") == "decoder.mid_block.attentions.0.group_norm.bias")
    #expect(CanonicalNames.name("text_model.final_layer_norm.weight", part: "text_encoder") == "final_layer_norm.weight")
    #expect(CanonicalNames.name("text_model.embeddings.position_ids", part: "text_encoder") == nil)
  }

  @Test func aFolderAndItsIndexFileAreTheSamePack() throws {
    let folder = fixtures + "/packs/tiny-sd15"
    #expect(try ModelPack.open(folder + "/model_index.json").path == folder)
    #expect(try ModelPack.open(folder + "/").path == folder)
  }

  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":}"#, "[1,]", "01", "+1", "1.", "nul", #""\ud800""#, "\"\u{1}\"", "1 2", "", "{", "[", "nan", "-inf", "+Infinity", "--Infinity", "Inf", "1e999",
  ]) func badJSONIsRefused(text: String) {
    #expect(throws: CheckpointError.self) { try JSON(parsing: text, source: "test") }
  }

  @Test func jsonIsRead() throws {
    let json = try JSON(parsing: #"{"a": [1, -2.5e1, true, null, "x\n\u00e9\ud83d\ude42"]}"#, source: "test")
    #expect(json["a"]?.array == [.integer(1), .number(-25), .bool(true), .null, .string("x\né🙂")])
  }

  @Test func pythonsInfinitiesAreReadInAPacksFiles() throws {
    let json = try JSON(parsing: #"{"a": -Infinity, "b": Infinity, "c": [NaN]}"#, source: "test")
    #expect(json["a"]?.double == -.infinity && json["b"]?.double == .infinity)
    #expect(json["c"]?.array?.first?.double?.isNaN == true)
    #expect(json["a"]?.int == nil && json["c"]?.array?.first?.int == nil)
  }

  @Test func pythonsInfinitiesAreNoSafetensorsHeader() {
    #expect(throws: CheckpointError.self) { try JSONParser.parse(Array("{\"a\": -Infinity}".utf8), source: "test") }
  }

  /// A file of one float32 tensor of zeros, [1], for each name.
  func file(_ names: [String]) -> [UInt8] {
    let entries = names.enumerated().map {
      "\"\($1)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\($0 * 4),\($0 * 4 + 4)]}"
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
      + [UInt8](repeating: 0, count: 4 * names.count)
  }

  /// Calls `body` with a pack whose unet/ has these files.
  func withUNet(_ files: [String: [UInt8]], _ body: (ModelPack) throws -> Void) throws {
    var template = Array("/tmp/pack-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    mkdir(folder + "/unet", 0o700)
    defer {
      for name in files.keys { unlink(folder + "/unet/" + name) }
      rmdir(folder + "/unet")
      rmdir(folder)
    }
    for (name, bytes) in files {
      let stream = try #require(fopen(folder + "/unet/" + name, "w"))
      fwrite(bytes, 1, bytes.count, stream)
      fclose(stream)
    }
    try body(ModelPack.open(folder))
  }

  let stem = "diffusion_pytorch_model"

  @Test func shardsAreOneModel() throws {
    let index = #"{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"#
    try withUNet([
      stem + ".safetensors.index.json": Array(index.utf8), "one.safetensors": file(["a"]), "two.safetensors": file(["b"]),
    ]) { pack in
      let weights = try pack.weights("unet")
      #expect(weights.contains("a") && weights.contains("b"))
      #expect(try pack.byteCount("unet") == 8)
    }
  }

  @Test(arguments: [
    #"{"weight_map":{"a":"../one.safetensors"}}"#, #"{"weight_map":{"a":"/etc/passwd"}}"#, #"{"weight_map":{"c":"one.safetensors"}}"#,
    #"{}"#, #"{"weight_map":{"a":1}}"#, #"{"weight_map":{"a":"none.safetensors"}}"#,
  ]) func aBadIndexIsRefused(index: String) throws {
    try withUNet([stem + ".safetensors.index.json": Array(index.utf8), "one.safetensors": file(["a"])]) { pack in
      #expect(throws: CheckpointError.self) { try pack.weights("unet") }
    }
  }

  @Test func aVariantIsTakenWhereThePlainFileIsAbsent() throws {
    try withUNet([stem + ".fp16.safetensors": file(["a"])]) { pack in
      let weights = try pack.weights("unet")
      #expect(weights.contains("a"))
    }
    try withUNet([stem + ".fp16.safetensors": file(["a"]), stem + ".safetensors": file(["b"])]) { pack in
      let weights = try pack.weights("unet")
      #expect(weights.contains("b"))
    }
  }

  @Test func picklesAreRefusedWithTheRemedy() throws {
    try withUNet([stem + ".bin": [0]]) { pack in
      let error = #expect(throws: CheckpointError.self) { try pack.weights("unet") }
      #expect(error?.message.contains("convert") == true)
    }
  }
}
