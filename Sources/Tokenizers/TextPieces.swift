// SPDX-License-Identifier: LGPL-3.0-or-later
@_spi(_Unicode) import Swift

/// Cuts a text into the pieces that are encoded one by one, as transformers' CLIPTokenizer does: special tokens as they
/// stand; the rest in NFC and lower case, as contractions, runs of letters, single digits, and runs of anything else
/// but white space.
///
/// The standard library's own NFC spares a dependency on Foundation.  It knows 98 combining marks that are too new for
/// the reference's Unicode tables: where one of them meets another mark on the same letter, their order may differ.
struct TextPieces: Sequence, IteratorProtocol {
  enum Piece: Equatable {
    case special(String)
    case word(String)
  }

  private var rest: Substring.UnicodeScalarView
  private let special: [String.UnicodeScalarView]
  private let longestRun: Int
  private var ready: ArraySlice<Piece> = []

  /// special: not empty; longestRun: how many characters are read between two spaces, the others are left out.
  init(_ text: String, special: [String], longestRun: Int) {
    rest = Substring(text).unicodeScalars
    self.special = special.map(\.unicodeScalars).sorted { $0.count > $1.count }
    self.longestRun = longestRun
  }

  mutating func next() -> Piece? {
    while ready.isEmpty, !rest.isEmpty { readRun() }
    return ready.popFirst()
  }

  /// Reads up to white space or a special token.  Neither takes part in a composition, so NFC can be done run by run.
  private mutating func readRun() {
    var run: [Unicode.Scalar] = []
    while let scalar = rest.first {
      if let token = special.first(where: { rest.starts(with: $0) }) {
        if run.isEmpty {
          ready = [.special(String(token))]
          rest = rest.dropFirst(token.count)
          return
        }
        break
      }
      rest.removeFirst()
      if scalar.properties.isWhitespace { break }
      if run.count < longestRun { run += Self.decomposed[scalar] ?? [scalar] }
    }
    ready = Self.pieces(run)[...]
  }

  /// Vowel signs of which NFC keeps the parts only.  The standard library's leaves the parts of two of them unsorted.
  private static let decomposed: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{F73}": ["\u{F71}", "\u{F72}"], "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]

  private static func pieces(_ run: [Unicode.Scalar]) -> [Piece] {
    let composed = String(String.UnicodeScalarView(run))._nfc
    let scalars = composed.flatMap { $0.properties.lowercaseMapping.unicodeScalars }
    var pieces: [Piece] = []
    var index = 0
    var endOfName = 0
    while index < scalars.count {
      if index >= endOfName, let name = names.first(where: { scalars[index...].starts(with: $0) }) {
        endOfName = index + name.count
      }
      let length = lengthOfPiece(scalars[index..<(index < endOfName ? endOfName : scalars.count)])
      if length > 0 { pieces.append(.word(String(String.UnicodeScalarView(scalars[index..<index + length])))) }
      index += Swift.max(length, 1)
    }
    return pieces
  }

  /// In capitals they are no special tokens but ordinary text; still, nothing that follows joins their last piece.
  private static let names = ["<|startoftext|>", "<|endoftext|>"].map { Array($0.unicodeScalars) }
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }

  /// How many scalars the piece at the start of `rest` has; 0 at white space.
  private static func lengthOfPiece(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
    if let contraction = contractions.first(where: { rest.starts(with: $0) }) { return contraction.count }
    switch Kind(rest.first!) {
    case .space: return 0
    case .digit: return 1
    case let kind: return rest.prefix { Kind($0) == kind }.count
    }
  }

  private enum Kind {
    case space, letter, digit, other

    init(_ scalar: Unicode.Scalar) {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .digit
      default: self = scalar.properties.isWhitespace ? .space : .other
      }
    }
  }
}
