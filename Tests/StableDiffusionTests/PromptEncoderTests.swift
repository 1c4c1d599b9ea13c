import Checkpoints
import Glibc
import TestSupport
import Testing

@testable import StableDiffusion

@Suite struct PromptEncoderTests {
  /// A pack with tiny-sd2's text encoder and vocabulary, and these two files of the tokenizer.
  func padding(configuration: String?, map: String?) throws -> Int32? {
    var template = Array("/tmp/pack-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let source = fixtures + "/packs/tiny-sd2/"
    mkdir(folder + "/tokenizer", 0o700)
    let links = ["model_index.json", "text_encoder"]
    for name in links { symlink(source + name, folder + "/" + name) }
    for name in ["vocab.json", "merges.txt"] { symlink(source + "tokenizer/" + name, folder + "/tokenizer/" + name) }
    let files = ["tokenizer_config.json": configuration, "special_tokens_map.json": map].compactMapValues { $0 }
    for (name, text) in files {
      let stream = try #require(fopen(folder + "/tokenizer/" + name, "w"))
      fputs(text, stream)
      fclose(stream)
    }
    defer {
      for name in ["vocab.json", "merges.txt"] + files.keys { unlink(folder + "/tokenizer/" + name) }
      rmdir(folder + "/tokenizer")
      for name in links { unlink(folder + "/" + name) }
      rmdir(folder)
    }
    return try PromptEncoder(ModelPack.open(folder)).tokenizer.encode("a", length: 77).last
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

  @Test func aTokenThatTheVocabularyLacksIsRefusedByName() throws {
    let error = #expect(throws: CheckpointError.self) {
      try padding(configuration: #"{"pad_token": "nowhere"}"#, map: nil)
    }
    #expect(error?.message.contains("nowhere") == true)
    #expect(throws: CheckpointError.self) { try padding(configuration: #"{"pad_token": ""}"#, map: nil) }
  }
}
