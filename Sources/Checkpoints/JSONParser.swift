// SPDX-License-Identifier: LGPL-3.0-or-later
/// Reads JSON strictly: UTF-8, no repeated keys, bounded depth and number of values, nothing behind the value.
///
/// What it takes is bounded too: the values' memory is a small multiple of their number, and what remains is the text.
struct JSONParser {
  private let bytes: [UInt8]
  private let source: String
  private let allowsNonFinite: Bool
  private var position = 0
  private var valueCount = 0
  private static let maximumDepth = 64
  /// Twenty times what the largest vocabulary has.
  private static let maximumValues = 1_000_000
  /// Of a number's text: enough for every Int and Double that a program writes.
  private static let maximumNumber = 64

  /// `source` names the file in errors.  `allowsNonFinite`: take Python's NaN, Infinity and -Infinity for numbers.
  static func parse(_ bytes: [UInt8], source: String, allowsNonFinite: Bool = false) throws -> JSON {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw CheckpointError("\(source): not UTF-8 text") }
    var parser = JSONParser(bytes: bytes, source: source, allowsNonFinite: allowsNonFinite)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("something follows the value") }
    return value
  }

  private init(bytes: [UInt8], source: String, allowsNonFinite: Bool) {
    self.bytes = bytes
    self.source = source
    self.allowsNonFinite = allowsNonFinite
  }

  private func error(_ what: String) -> CheckpointError {
    CheckpointError("\(source): bad JSON at byte \(position): \(what)")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws -> JSON {
    guard depth < Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth)") }
    valueCount += 1
    guard valueCount <= Self.maximumValues else { throw error("more than \(Self.maximumValues) values") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where allowsNonFinite: return try word("NaN", .number(.nan))
    case UInt8(ascii: "I") where allowsNonFinite: return try word("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where allowsNonFinite && bytes[position...].starts(with: "-I".utf8):
      return try word("-Infinity", .number(-.infinity))
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws -> JSON {
    position += 1
    var members: [String: JSON] = [:]
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key") }
      let key = try string()
      guard take(":") else { throw error("expected ':'") }
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw error("key \"\(key.excerpt)\" stands there twice")
      }
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws -> JSON {
    position += 1
    var elements: [JSON] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw error("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
    let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    guard matches else { throw error("expected a value") }
    position += text.utf8CodeUnitCount
    return value
  }

  /// `-`? (`0` | digits without a leading zero) (`.` digits)? (`e` sign? digits)?
  private mutating func number() throws -> JSON {
    let start = position
    skip(UInt8(ascii: "-"))
    let hasLeadingZero = next == UInt8(ascii: "0")
    let digits = skipDigits()
    guard digits > 0 else { throw error("expected a value") }
    guard !hasLeadingZero || digits == 1 else { throw error("a number begins with 0") }
    var isWhole = true
    if skip(UInt8(ascii: ".")) {
      isWhole = false
      guard skipDigits() > 0 else { throw error("no digit behind the point") }
    }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      isWhole = false
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      guard skipDigits() > 0 else { throw error("no digit in the exponent") }
    }
    guard position - start <= Self.maximumNumber else { throw error("a number of \(position - start) characters") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else { throw error("number out of range") }
    return .number(double)
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func string() throws -> String {
    position += 1
    var result: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &result)
      case 0..<0x20: throw error("control character in a string")
      default: result.append(byte)
      }
    }
    throw error("string without end")
  }

  private mutating func escape(into result: inout [UInt8]) throws {
    guard let byte = next else { throw error("string without end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try codeUnit())
      if code & 0xFC00 == 0xD800, bytes[position...].starts(with: "\\u".utf8) {
        position += 2
        let low = UInt32(try codeUnit())
        guard low & 0xFC00 == 0xDC00 else { throw error("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
      result.append(contentsOf: String(Character(scalar)).utf8)
    default: throw error("unknown escape")
    }
  }

  private mutating func codeUnit() throws -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      !"+-".utf8.contains(bytes[position])
    else { throw error("bad \\u escape") }
    position += 4
    return unit
  }
}

extension JSON {
  /// Throws `CheckpointError` where `text` is not strict JSON, is nested deeper than 64, or has more than a million
  /// values; `source` names it in the message.  NaN, Infinity and -Infinity are numbers here: Python writes them, for
  /// example as `lambda_min_clipped` of every saved DPMSolverMultistepScheduler.
  public init(parsing text: String, source: String) throws {
    self = try JSONParser.parse(Array(text.utf8), source: source, allowsNonFinite: true)
  }
}
