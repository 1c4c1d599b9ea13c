@_spi(_Unicode) import Swift

/// Cuts a text into the pieces that are encoded one by one, as transformers' CLIPTokenizer does: special tokens as they
/// stand; the rest in NFC and lower case, as contractions, runs of letters, single digits, and runs of anything else
/// but white space.
struct TextPieces: Sequence {
  enum Piece: Equatable {
    case special(String)
    case word(String)
  }

  private var pieces: [Piece] = []

  init(_ text: String, special: [String]) {
    var rest = Array(text.unicodeScalars)[...]
    let tokens = special.map { Array($0.unicodeScalars) }
    var plain: [Unicode.Scalar] = []
    while let scalar = rest.first {
      if let token = tokens.first(where: { rest.starts(with: $0) }) {
        append(plain)
        plain = []
        pieces.append(.special(String(String.UnicodeScalarView(token))))
        rest = rest.dropFirst(token.count)
      } else {
        plain.append(scalar)
        rest = rest.dropFirst()
      }
    }
    append(plain)
  }

  func makeIterator() -> IndexingIterator<[Piece]> { pieces.makeIterator() }

  private mutating func append(_ plain: [Unicode.Scalar]) {
    let composed = String(String.UnicodeScalarView(plain))._nfc
    let scalars = composed.flatMap { $0.properties.lowercaseMapping.unicodeScalars }
    var index = 0
    while index < scalars.count {
      let length = Self.lengthOfPiece(scalars[index...])
      if length == 0 {
        index += 1
      } else {
        pieces.append(.word(String(String.UnicodeScalarView(scalars[index..<index + length]))))
        index += length
      }
    }
  }

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

