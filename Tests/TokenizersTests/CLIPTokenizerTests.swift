// SPDX-License-Identifier: LGPL-3.0-or-later
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

  @Test func idsOfAPacksOwnVocabularyAreTransformers() throws {
    func text(_ path: String) -> String { String(decoding: fileBytes(path), as: UTF8.self) }
    let entries = try JSON(parsing: text("packs/tiny-sd2/tokenizer/vocab.json"), source: "vocab.json").object ?? [:]
    let tokenizer = try CLIPTokenizer(
      vocabulary: entries.compactMapValues(\.int), merges: text("packs/tiny-sd2/tokenizer/merges.txt"), padToken: "!")
    let cases = try #require(JSON(parsing: text("tokenizers/own.json"), source: "own.json").array)
    #expect(cases.count > 40)
    for test in cases {
      let text = try #require(test["text"]?.string)
      let expected = try #require(test["ids"]?.array).compactMap(\.int)
      let ids = tokenizer.encode(text, length: 77).map(Int.init)
      #expect(ids == expected + Array(repeating: 0, count: 77 - expected.count), "\(text.debugDescription)")
    }
  }

  /// Marks in reverse order are the slowest for NFC, letters without spaces for the pairs.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "long winded ", "x", "etaoinshrdlu", "\u{301}\u{323}", "a\u{301}\u{323}", "!", " ", "<|endoftext", "🙂",
    ])
  func aVeryLongPromptIsCutInTime(part: String) throws {
    let tokenizer = try CLIPTokenizer(padToken: "!")
    let ids = tokenizer.encode(String(repeating: part, count: 1_000_000 / part.utf8.count), length: 77)
    #expect(ids.count == 77 && ids.first == 49406 && ids.contains(49407))
  }

  @Test func whatFollowsAVeryLongGapIsRead() throws {
    let tokenizer = try CLIPTokenizer(padToken: "!")
    let far = String(repeating: " ", count: 100_000) + "cat"
    #expect(tokenizer.encode(far, length: 77) == tokenizer.encode("cat", length: 77))
  }

  @Test(arguments: [-1, 0, 1, 2]) func thereIsNoRoomForAText(length: Int) throws {
    #expect(try CLIPTokenizer(padToken: "!").encode("cat", length: length).count == max(length, 0))
  }

  @Test(arguments: ["!", ""]) func aVocabularyWithoutItsSpecialTokensIsRefused(pad: String) {
    #expect(throws: TokenizerError.self) { try CLIPTokenizer(vocabulary: ["a": 0], merges: "", padToken: pad) }
    let tokens = ["<|startoftext|>": 0, "<|endoftext|>": 1, "": 2]
    #expect(throws: TokenizerError.self) { try CLIPTokenizer(vocabulary: tokens, merges: "", padToken: pad) }
  }
}
