// SPDX-License-Identifier: LGPL-3.0-or-later
import CLIPVocabulary

/// Why a vocabulary cannot be used.
public struct TokenizerError: Error, CustomStringConvertible {
  public let description: String
}

/// Byte-pair tokenizer of CLIP (Sennrich et al. 2016; Radford et al. 2021), equal to transformers' CLIPTokenizer.
public struct CLIPTokenizer: Sendable {
  private struct Pair: Hashable {
    let left: String
    let right: String
  }

  private static let startOfText = "<|startoftext|>"
  private static let endOfText = "<|endoftext|>"
  private static let endOfWord = "</w>"
  /// Bytes that the longest token of any vocabulary may stand for (CLIP's: 32).  What lies beyond the text's length
  /// times this cannot be seen, and need not be sorted and joined, which take quadratic time.
  private static let longestToken = 64

  private let ids: [String: Int32]
  private let ranks: [Pair: Int]
  private let special: [String]
  private let start: Int32
  private let end: Int32
  private let pad: Int32

  /// Ids are 0 ... this.
  public let largestID: Int

  /// CLIP's own 49,408 entries.  `padToken`: what fills short texts ("<|endoftext|>" in SD 1.5, "!" in SD 2).
  public init(padToken: String) throws {
    let merges = Self.embeddedMerges
    let alphabet = ByteAlphabet.order.map { ByteAlphabet.symbols[Int($0)] }
    let entries = alphabet + alphabet.map { $0 + Self.endOfWord } + merges.map { $0.left + $0.right }
      + [Self.startOfText, Self.endOfText]
    try self.init(
      ids: Dictionary(entries.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first }),
      merges: merges, padToken: padToken)
  }

  /// A pack's own: the entries of `vocab.json` and the text of `merges.txt`.
  public init(vocabulary: [String: Int], merges: String, padToken: String) throws {
    guard vocabulary.values.allSatisfy({ (0..<1_000_000).contains($0) }) else {
      throw TokenizerError(description: "the vocabulary has an id out of range")
    }
    try self.init(ids: vocabulary.mapValues { Int32($0) }, merges: Self.pairs(merges), padToken: padToken)
  }

  private init(ids: [String: Int32], merges: [Pair], padToken: String) throws {
    guard !padToken.isEmpty, let start = ids[Self.startOfText], let end = ids[Self.endOfText], let pad = ids[padToken] else {
      throw TokenizerError(
        description: "the vocabulary lacks one of \(Self.startOfText), \(Self.endOfText) and \(padToken)")
    }
    self.ids = ids
    largestID = Int(ids.values.max() ?? 0)
    self.start = start
    self.end = end
    self.pad = pad
    ranks = Dictionary(merges.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    special = [Self.startOfText, Self.endOfText, padToken]
  }

  private static let embeddedMerges: [Pair] = {
    let bytes = UnsafeBufferPointer(start: clip_vocabulary_merges(), count: Int(clip_vocabulary_byte_count()))
    return pairs(String(decoding: bytes, as: UTF8.self))
  }()

  /// "left right" a line; comments and other lines are skipped.
  private static func pairs(_ text: String) -> [Pair] {
    text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }).compactMap { line in
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2, !line.starts(with: "#version".utf8) else { return nil }
      return Pair(left: String(Substring(parts[0])), right: String(Substring(parts[1])))
    }
  }

  /// Start, the text's tokens, end, then padding: `length` ids (2 or more).  What does not fit is cut off.
  public func encode(_ text: String, length: Int) -> [Int32] {
    guard length >= 2 else { return [Int32](repeating: end, count: max(length, 0)) }
    let tokens = [start] + self.tokens(text, length: length, upTo: length - 2).prefix(length - 2) + [end]
    return tokens + [Int32](repeating: pad, count: length - tokens.count)
  }

  /// Those of the text alone; none of the pieces behind the one with which there are `most`.  length: of the ids that are
  /// wanted.
  private func tokens(_ text: String, length: Int, upTo most: Int) -> [Int32] {
    var tokens: [Int32] = []
    let longestRun = length * Self.longestToken
    for piece in TextPieces(text, special: special, longestRun: longestRun) {
      if tokens.count >= most { break }
      switch piece {
      case .special(let token): tokens.append(ids[token] ?? end)
      case .word(let word): tokens += bytePairs(word.utf8.prefix(longestRun))
      }
    }
    return tokens
  }

  /// How much of a text is beyond `length` ids with start and end: nil where all of it fits, else how many tokens the text
  /// has.
  public func count(_ text: String, beyond length: Int) -> Int? {
    let count = tokens(text, length: length, upTo: .max).count
    return count > length - 2 ? count : nil
  }

  /// Joins the pair with the lowest rank until none is left.
  private func bytePairs(_ word: Substring.UTF8View) -> [Int32] {
    var symbols = word.map { ByteAlphabet.symbols[Int($0)] }
    guard !symbols.isEmpty else { return [] }
    symbols[symbols.count - 1] += Self.endOfWord
    while symbols.count > 1 {
      let ranked = zip(symbols, symbols.dropFirst()).compactMap { ranks[Pair(left: $0, right: $1)] }
      guard let best = ranked.min() else { break }
      var joined: [String] = []
      var index = 0
      while index < symbols.count {
        if index + 1 < symbols.count, ranks[Pair(left: symbols[index], right: symbols[index + 1])] == best {
          joined.append(symbols[index] + symbols[index + 1])
          index += 2
        } else {
          joined.append(symbols[index])
          index += 1
        }
      }
      symbols = joined
    }
    return symbols.map { ids[$0] ?? end }
  }
}
