import Checkpoints
import TestSupport
import Testing

@testable import Tokenizers

/// Ids against transformers' CLIPTokenizer.
@Suite struct CLIPTokenizerTests {
  @Test(arguments: ["<|endoftext|>", "!"]) func idsAreTransformers(pad: String) throws {
    let text = String(decoding: fileBytes("tokenizers/tokens.json"), as: UTF8.self)
    let json = try JSON(parsing: text, source: "tokens.json")
    let cases = try #require(json.array)
    let tokenizer = try CLIPTokenizer(padToken: pad)
    #expect(tokenizer.largestID == 49407)
    #expect(cases.count > 400)
    for test in cases {
      let text = try #require(test["text"]?.string)
      let expected = try #require(test[pad]?.array).compactMap(\.int)
      let ids = tokenizer.encode(text, length: 77).map(Int.init)
      #expect(ids.count == 77)
      #expect(Array(ids.prefix(expected.count)) == expected, "\(text.debugDescription)")
      let padding = pad == "!" ? 0 : 49407
      #expect(ids.dropFirst(expected.count).allSatisfy { $0 == padding }, "\(text.debugDescription)")
    }
  }

  @Test func aVeryLongPromptIsCutAtItsEndToken() throws {
    let tokenizer = try CLIPTokenizer(padToken: "!")
    for text in [String(repeating: "long winded ", count: 10_000), String(repeating: "x", count: 1_000_000)] {
      let ids = tokenizer.encode(text, length: 77)
      #expect(ids.count == 77 && ids.first == 49406 && ids.contains(49407))
    }
  }

  @Test func aVocabularyWithoutItsSpecialTokensIsRefused() {
    #expect(throws: TokenizerError.self) { try CLIPTokenizer(vocabulary: ["a": 0], merges: "", padToken: "!") }
  }
}
