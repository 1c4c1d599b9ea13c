// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// LoRA files against the layers of full-size models, and files that fit no model.
@Suite struct LoRATests {
  let folder = TemporaryFolder()

  /// The layers of full-size SD 1.5 in the order of its blocks.
  static func sd15() throws -> [LoRA.Part: [LayerShape]] {
    let expected = try NameList(.sd15).expected
    func layers(_ part: String) -> [LayerShape] {
      (expected[part] ?? [:]).compactMap { name, shape -> LayerShape? in
        guard name.hasSuffix(".weight"), shape.count == 2 || shape.count == 4 else { return nil }
        return LayerShape(
          path: String(name.dropLast(".weight".count)), inputs: shape[1], outputs: shape[0], kernel: shape.count == 4 ? shape[2] : 1)
      }.sorted { numbered($0.path).lexicographicallyPrecedes(numbered($1.path)) }
    }
    return [.unet: layers("unet"), .textEncoder: layers("text_encoder")]
  }

  /// Layer 10 comes behind layer 9.
  private static func numbered(_ path: String) -> [String] {
    path.split(separator: ".").map { Int($0).map { String($0 + 1000) } ?? String($0) }
  }

  /// Two LoRAs of cloneofsimo/lora (Apache-2.0) for SD 1.5.
  @Test(
    .enabled(if: thirdParty("lora_disney.safetensors") != nil, "the LoRAs are not in ../shared/fixtures"),
    arguments: [("lora_disney.safetensors", 1), ("analog_svd_rank4.safetensors", 4)])
  func realFilesFitStableDiffusion15(name: String, rank: Int) throws {
    let layers = try Self.sd15()
    let lora = try LoRA(#require(thirdParty(name)), layers: layers)
    let pairs = try (#require(lora.pairs[.unet]), #require(lora.pairs[.textEncoder]))
    #expect(pairs.0.count == 144 && pairs.1.count == 48)
    let paths = Set(layers.values.joined().map(\.path))
    for (path, pair) in Array(pairs.0) + Array(pairs.1) {
      #expect(paths.contains(path) && pair.rank == rank && pair.scale == 1, "\(path)")
    }
    // Numbers 4, 6, 141 and 1: the gate between the attentions, cross-attention, the middle last; keys before values.
    #expect(pairs.0["down_blocks.0.attentions.0.transformer_blocks.0.ff.net.0.proj"]?.up.shape == [2560, rank])
    #expect(pairs.0["down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"]?.down.shape == [rank, 768])
    let source = try openTensorSource(#require(thirdParty(name)))
    for (number, path) in [(141, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k"), (54, "up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q")] {
      #expect(try pairs.0[path]?.down.byteArray == source.read("unet:\(number):down", rows: nil).byteArray, "\(path)")
    }
    #expect(try pairs.1["encoder.layers.10.self_attn.v_proj"]?.up.byteArray == source.read("text_encoder:41:up", rows: nil).byteArray)
  }

  /// The layers that LCM-LoRA's, TCD's and Hyper-SD's adapters change (latent-consistency-model, `LCM_Training_Script`):
  /// attention, feed-forward, convolutions and projections of the time, and a consistency model's own projection.
  @Test(arguments: [
    ("lora_unet_", ".lora_down.weight", ".lora_up.weight"), ("unet.", ".lora_A.weight", ".lora_B.weight"),
    ("base_model.model.", ".lora_A.weight", ".lora_B.weight"), ("", ".lora_A.weight", ".lora_B.weight"),
  ])
  func adaptersToFewStepsFitStableDiffusion15(prefix: String, down: String, up: String) throws {
    let condition = LayerShape(path: "time_embedding.cond_proj", inputs: 256, outputs: 320)
    let layers = try [LoRA.Part.unet: #require(Self.sd15()[.unet]) + [condition]]
    let changed = [
      "to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2", "conv_shortcut",
      "downsamplers.0.conv", "upsamplers.0.conv", "time_emb_proj", "cond_proj",
    ]
    let adapted = layers[.unet, default: []].filter { layer in changed.contains { layer.path.hasSuffix("." + $0) } }
    var tensors: [(name: String, shape: [Int])] = []
    for layer in adapted {
      let isKohya = prefix == "lora_unet_"
      let stem = prefix + (isKohya ? String(layer.path.map { $0 == "." ? "_" : $0 }) : layer.path)
      let kernel = layer.kernel == 1 && !layer.path.contains("conv") ? [] : [layer.kernel, layer.kernel]
      tensors += [(stem + down, [1, layer.inputs] + kernel), (stem + up, [layer.outputs, 1] + kernel.map { _ in 1 })]
      if isKohya { tensors.append((stem + ".alpha", [])) }
    }
    let pairs = try LoRA(folder.write(safetensors(tensors)), layers: layers).pairs
    #expect(pairs.keys.sorted { $0.rawValue < $1.rawValue } == [.unet])
    let names = Set(pairs[.unet, default: [:]].keys)
    #expect(names == Set(adapted.map(\.path)) && names.count > 270)
  }

  // MARK: - Small models

  static let layers: [LoRA.Part: [LayerShape]] = [
    .unet: [LayerShape(path: "mid_block.attentions.0.transformer_blocks.0.attn1.to_q", inputs: 3, outputs: 2),
      LayerShape(path: "conv_in", inputs: 3, outputs: 2, kernel: 3)],
    .textEncoder: [LayerShape(path: "encoder.layers.0.self_attn.q_proj", inputs: 3, outputs: 2)],
  ]
  static let query = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"

  func lora(_ tensors: [(name: String, shape: [Int])]) throws -> LoRA {
    try LoRA(folder.write(safetensors(tensors)), layers: Self.layers)
  }

  @Test(arguments: [
    ("unet.\(query).lora_A.weight", "unet.\(query).lora_B.weight"), ("\(query).lora_A.default.weight", "\(query).lora_B.default.weight"),
    ("base_model.model.\(query).lora_A.weight", "base_model.model.\(query).lora_B.weight"),
    ("unet.\(query).lora.down.weight", "unet.\(query).lora.up.weight"),
    ("mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.down.weight", "unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.up.weight"),
    ("lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight", "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight"),
    ("lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q.lora_down.weight", "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q.lora_up.weight"),
    ("model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.lora_down.weight", "model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.lora_up.weight"),
    ("\(query).lora_down.weight", "\(query).lora_up.weight"),
  ]) func oneLayerHasManyNames(down: String, up: String) throws {
    let pairs = try lora([(down, [1, 3]), (up, [2, 1])]).pairs
    #expect(pairs.count == 1 && pairs[.unet]?.keys.sorted() == [Self.query])
  }

  /// Every layer, by the names that its original has.
  @Test func originalNamesWithUnderscoresFitStableDiffusion15() throws {
    let layers = try [LoRA.Part.unet: #require(Self.sd15()[.unet])]
    let names = [
      "input_blocks_0_0": "conv_in", "input_blocks_1_0_in_layers_2": "down_blocks.0.resnets.0.conv1",
      "input_blocks_3_0_op": "down_blocks.0.downsamplers.0.conv", "input_blocks_4_0_skip_connection": "down_blocks.1.resnets.0.conv_shortcut",
      "middle_block_0_emb_layers_1": "mid_block.resnets.0.time_emb_proj", "output_blocks_5_2_conv": "up_blocks.1.upsamplers.0.conv",
      "input_blocks_1_1_transformer_blocks_0_ff_net_0_proj": "down_blocks.0.attentions.0.transformer_blocks.0.ff.net.0.proj",
      "output_blocks_11_1_transformer_blocks_0_attn2_to_out_0": "up_blocks.3.attentions.2.transformer_blocks.0.attn2.to_out.0",
      "output_blocks_11_1_proj_out": "up_blocks.3.attentions.2.proj_out", "time_embed_0": "time_embedding.linear_1",
    ]
    var tensors: [(name: String, shape: [Int])] = []
    for (name, path) in names {
      let layer = try #require(layers[.unet]?.first { $0.path == path })
      let kernel = [layer.kernel, layer.kernel]
      tensors += [("lora_unet_\(name).lora_down.weight", [1, layer.inputs] + kernel), ("lora_unet_\(name).lora_up.weight", [layer.outputs, 1, 1, 1])]
    }
    let pairs = try LoRA(folder.write(safetensors(tensors)), layers: layers).pairs[.unet, default: [:]]
    #expect(Set(pairs.keys) == Set(names.values))
  }

  /// A LoRA made for a model that sees the latents alone.
  @Test func theFirstConvolutionOfAnInpaintingModelTakesOneOfFourChannels() throws {
    let layers: [LoRA.Part: [LayerShape]] = [.unet: [LayerShape(path: "conv_in", inputs: 9, outputs: 2, kernel: 3)]]
    func pair(_ inputs: Int) throws -> LoRA.Pair? {
      let file = safetensors([("unet.conv_in.lora_A.weight", [2, inputs, 3, 3]), ("unet.conv_in.lora_B.weight", [2, 2, 1, 1])])
      return try LoRA(folder.write(file), layers: layers).pairs[.unet]?["conv_in"]
    }
    let own = try #require(try pair(9))
    let other = try #require(try pair(4))
    let values = other.down.byteArray
    #expect(other.down.shape == [2, 9, 3, 3] && values.count == own.down.byteArray.count)
    let row = values.count / 2  // 9 channels, of which the first four are the file's
    for start in [0, row] {
      #expect(values[start + row * 4 / 9..<start + row].allSatisfy { $0 == 0 })
      #expect(!values[start..<start + row * 4 / 9].allSatisfy { $0 == 0 })
    }
    #expect(throws: CheckpointError.self) { _ = try pair(5) }
  }

  @Test(arguments: [
    "text_encoder.encoder.layers.0.self_attn.q_proj.lora_A.weight", "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight",
    "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight", "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.down.weight",
    "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight",
    "cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_down.weight",
  ]) func theTextEncodersLayersToo(down: String) throws {
    let up = String(down.map { $0 }).replacing("lora_A", with: "lora_B").replacing("down.weight", with: "up.weight")
    let pairs = try lora([(down, [1, 3]), (up, [2, 1])]).pairs
    #expect(pairs.count == 1 && pairs[.textEncoder]?.keys.sorted() == ["encoder.layers.0.self_attn.q_proj"])
  }

  @Test func alphaIsDividedByTheRank() throws {
    let stem = "lora_unet_conv_in"
    // The writer's values count up from 0: an alpha of one element is 0.
    let tensors: [(name: String, shape: [Int])] = [(stem + ".lora_down.weight", [4, 3, 3, 3]), (stem + ".lora_up.weight", [2, 4, 1, 1])]
    #expect(try lora(tensors).pairs[.unet]?["conv_in"]?.scale == 1)
    #expect(try lora(tensors + [(stem + ".alpha", [])]).pairs[.unet]?["conv_in"]?.scale == 0)
    #expect(refusal { _ = try lora(tensors + [(stem + ".alpha", [2])]) }.contains("\(stem).alpha is not a number"))
  }

  @Test func metadataHasAlphasToo() throws {
    func scale(_ metadata: String) throws -> Float? {
      let text = metadata.replacing("\"", with: "\\\"")
      let header = "{\"__metadata__\":{\"lora_adapter_metadata\":\"\(text)\"},"
        + "\"unet.\(Self.query).lora_A.weight\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[0,12]},"
        + "\"unet.\(Self.query).lora_B.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[12,20]}}"
      let path = folder.write(safetensors(header: header, data: [UInt8](repeating: 0, count: 20)))
      return try LoRA(path, layers: Self.layers).pairs[.unet]?[Self.query]?.scale
    }
    #expect(try scale(#"{"unet.lora_alpha": 4}"#) == 4)
    #expect(try scale(#"{"lora_alpha": 0.5, "r": 9}"#) == 0.5)
    #expect(try scale(#"{"unet.lora_alpha": 4, "unet.alpha_pattern": {"attn1.to_q": 8}}"#) == 8)
    #expect(try scale(#"{"alpha_pattern": {"to_q": 3, "\#(Self.query)": 5, "attn1.to_q": 8}}"#) == 5)
    #expect(try scale("{}") == 1)
    #expect(refusal { _ = try scale("{") }.contains("lora_adapter_metadata"))
  }

  @Test(arguments: [
    ([("unet.a.lora_A.weight", [1, 3])], "a LoRA of unet.a, which the model does not have"),
    ([("lora_unet_input_blocks_x.lora_down.weight", [1, 3])], "a LoRA of lora_unet_input_blocks_x, which"),
    ([("unet.\(query).lora_A.weight", [1, 3])], "has only one of its two tensors"),
    ([("unet.\(query).lora_A.weight", [1, 4]), ("unet.\(query).lora_B.weight", [2, 1])], "the LoRA of unet \(query) has shapes [1, 4] and [2, 1], expected [rank, 3] and [2, rank]"),
    ([("unet.\(query).lora_A.weight", [2, 3]), ("unet.\(query).lora_B.weight", [2, 3])], "has shapes [2, 3] and [2, 3]"),
    ([("unet.\(query).lora_A.weight", [0, 3]), ("unet.\(query).lora_B.weight", [2, 0])], "has shapes [0, 3]"),
    ([("unet.conv_in.lora_A.weight", [1, 3]), ("unet.conv_in.lora_B.weight", [2, 1])], "expected [rank, 3, 3, 3]"),
    ([("unet.\(query).lora_A.weight", [1, 3]), ("\(query).lora_A.weight", [1, 3])], "are the same layer's"),
    ([("lora_unet_conv_in.hada_w1_a", [1])], "hada_w is not supported"), ([("unet.\(query).dora_scale", [1])], "dora_scale is not supported"),
    ([("lora_te2_x.lora_down.weight", [1])], "not supported"), ([("conv_in.weight", [1])], "is not of a LoRA whose layout is known"),
    ([], "no LoRA: expected tensors like"), ([("unet:0:up", [2, 1]), ("unet:0:down", [1, 3])], "expected the list of classes"),
  ] as [([(String, [Int])], String)]) func aLoRAThatDoesNotFitIsRefused(tensors: [(String, [Int])], says: String) {
    let message = refusal { _ = try lora(tensors.map { (name: $0.0, shape: $0.1) }) }
    #expect(message.hasPrefix(folder.path) && message.contains(says), "\(message)")
  }

  @Test(arguments: [
    (#"["ResnetBlock2D"]"#, 1, "a LoRA of ResnetBlock2D is not supported"), ("[1]", 1, "a LoRA of ? is not supported"), ("{}", 1, "expected the list"),
    (#"["GEGLU"]"#, 1, "a LoRA of 1 layers of the unet, the model has 0"), (#"["CrossAttention"]"#, 2, "a LoRA of 2 layers of the unet, the model has 1"),
  ]) func aNumberedLoRAThatDoesNotFitIsRefused(classes: String, count: Int, says: String) {
    let text = classes.replacing("\"", with: "\\\"")
    let tensors = (0..<count).flatMap { ["unet:\($0):down", "unet:\($0):up"] }.enumerated().map { index, name in
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(index * 4),\(index * 4 + 4)]}"
    }
    let header = "{\"__metadata__\":{\"unet\":\"\(text)\"},\(tensors.joined(separator: ","))}"
    let path = folder.write(safetensors(header: header, data: [UInt8](repeating: 0, count: 8 * count)))
    let message = refusal { _ = try LoRA(path, layers: Self.layers) }
    #expect(message.hasPrefix(path) && message.contains(says), "\(message)")
  }

  @Test(arguments: 0..<4) func damagedLoRAsNeverEndTheProcess(seed: Int) throws {
    let whole = fileBytes("lora/" + ["peft", "kohya", "numbered", "injected"][seed] + ".safetensors")
    try #require(!whole.isEmpty)
    let layers = try Self.sd15()
    var damage = DamageTests.Damage(state: UInt64(500 + seed))
    for _ in 0..<40 { _ = try? LoRA(folder.write(damage.damaged(whole, focus: 4000)), layers: layers) }
  }
}
