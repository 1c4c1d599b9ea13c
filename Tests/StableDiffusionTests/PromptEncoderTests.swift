// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics
import TestSupport
import Testing

@testable import StableDiffusion

@Suite struct PromptEncoderTests {
  /// A pack with tiny-sd2's text encoder and vocabulary, and these two files of the tokenizer.
  func padding(configuration: String?, map: String?) throws -> Int32? {
    let folder = TemporaryFolder()
    let source = fixtures + "/packs/tiny-sd2/"
    for name in ["model_index.json", "text_encoder", "tokenizer/vocab.json", "tokenizer/merges.txt"] {
      folder.link(source + name, name)
    }
    if let configuration { folder.write(configuration, "tokenizer/tokenizer_config.json") }
    if let map { folder.write(map, "tokenizer/special_tokens_map.json") }
    return try PromptEncoder(OpenedPack.open(folder.path)).tokenizer.encode("a", length: 77).last
  }

  /// What transformers 5.23 takes; "!" is token 0, "<|endoftext|>" 576.
  @Test func theTokenThatPadsIsTransformers() throws {
    let (bang, end) = (#"{"pad_token": "!"}"#, #"{"pad_token": "<|endoftext|>"}"#)
    let newer = #"{"added_tokens_decoder": {"0": {"content": "!"}}, "pad_token": "<|endoftext|>"}"#
    #expect(try padding(configuration: end, map: bang) == 0)
    #expect(try padding(configuration: end, map: #"{"pad_token": {"content": "!", "lstrip": false}}"#) == 0)
    #expect(try padding(configuration: bang, map: nil) == 0)
    #expect(try padding(configuration: end, map: "{}") == 576)
    #expect(try padding(configuration: nil, map: end) == 576)
    #expect(try padding(configuration: newer, map: bang) == 576)
  }

  @Test func whatAFolderDoesNotSayIsNamed() throws {
    let whole = fixtures + "/packs/tiny-sd2"
    #expect(try OpenedPack.open(whole).assumptions() == [])
    let folder = TemporaryFolder()
    for part in ["unet", "text_encoder", "tokenizer/tokenizer_config.json"] { folder.link(whole + "/" + part, part) }
    let notes = try OpenedPack.open(folder.path).assumptions()
    try #require(notes.count == 2)
    #expect(notes[0].hasPrefix("no scheduler/scheduler_config.json: epsilon"))
    #expect(notes[1].hasPrefix("no tokenizer/merges.txt"))
    folder.link(whole + "/scheduler", "scheduler")
    #expect(try OpenedPack.open(folder.path).assumptions().count == 1)
    #expect(try OpenedPack.open(fixtures + "/checkpoints/one-file.safetensors").assumptions() == [])
  }

  /// transformers' hidden_states[-2], behind the final norm, is what a model without the last layer gives.
  @Test func aSkippedLayerIsAsIfItWereNotThere() throws {
    let (pack, workspace) = (try OpenedPack.open(fixtures + "/packs/tiny-sd15"), Workspace())
    var encoder = try PromptEncoder(pack)
    encoder.skippedLayers = 1
    var configuration = encoder.text.configuration
    configuration.layers -= 1
    let shorter = try CLIPTextModel(ModelBuilder(pack.weights(TextEncoderConfiguration.part)), configuration)
    let tokens = encoder.tokenizer.encode("green grass", length: configuration.maximumLength)
    #expect(try encoder("green grass", in: workspace).array == shorter(tokens, in: workspace).array)
    encoder.skippedLayers = 0
    #expect(try encoder("green grass", in: workspace).array != shorter(tokens, in: workspace).array)
  }

  @Test func halfAVocabularyIsRefused() throws {
    for name in ["vocab.json", "merges.txt"] {
      let folder = TemporaryFolder()
      for part in ["text_encoder", "tokenizer/" + name] { folder.link(fixtures + "/packs/tiny-sd2/" + part, part) }
      let error = #expect(throws: CheckpointError.self) { try PromptEncoder(OpenedPack.open(folder.path)) }
      #expect(error?.message.contains("belong together") == true)
    }
    let folder = TemporaryFolder()
    for part in ["text_encoder", "tokenizer/merges.txt"] { folder.link(fixtures + "/packs/tiny-sd2/" + part, part) }
    folder.write(#"{"<|startoftext|>": 1, "<|endoftext|>": 2, "!": 0, "a": "3"}"#, "tokenizer/vocab.json")
    let error = #expect(throws: CheckpointError.self) { try PromptEncoder(OpenedPack.open(folder.path)) }
    #expect(error?.message.contains("no whole number") == true)
  }

  @Test func aTokenThatTheVocabularyLacksIsRefusedByName() throws {
    let error = #expect(throws: CheckpointError.self) {
      try padding(configuration: #"{"pad_token": "nowhere"}"#, map: nil)
    }
    #expect(error?.message.contains("nowhere") == true)
    #expect(throws: CheckpointError.self) { try padding(configuration: #"{"pad_token": ""}"#, map: nil) }
  }
}
