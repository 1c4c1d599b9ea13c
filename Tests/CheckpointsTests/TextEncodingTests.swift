// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// Text files as editors write them.
@Suite struct TextEncodingTests {
  let folder = TemporaryFolder()

  private func read(_ bytes: [UInt8]) throws -> String {
    try RegularFile.text(folder.write(bytes, "prompt.txt"), limit: 1 << 20)
  }

  private func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    ("\u{FEFF}" + text).utf16.flatMap { unit in
      let bytes = [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)]
      return bigEndian ? bytes.reversed() : bytes
    }
  }

  @Test(arguments: ["green grass", "Gräser \u{1F33F}\r\n", ""])
  func aByteOrderMarkIsNotPartOfTheText(text: String) throws {
    #expect(try read(Array(text.utf8)) == text)
    #expect(try read([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == text)
    #expect(try read(utf16(text, bigEndian: false)) == text)
    #expect(try read(utf16(text, bigEndian: true)) == text)
  }

  @Test(arguments: [
    ([0xFF, 0xFE, 0x61], "not UTF-16 (little-endian) text"),  // half a character
    ([0xFF, 0xFE, 0x00, 0xD8, 0x61, 0x00], "not UTF-16 (little-endian) text"),  // half a surrogate pair
    ([0xFE, 0xFF, 0xD8, 0x00], "not UTF-16 (big-endian) text"),
    ([0x61, 0xFF], "not UTF-8 text"),
    ([0xFF, 0xFE, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00], "a zero character in the text; save it in UTF-8"),  // UTF-32
    ([0x61, 0x00, 0x62, 0x00], "a zero character in the text; save it in UTF-8"),  // UTF-16 without a mark
  ] as [([UInt8], String)])
  func whatIsNoTextIsAnErrorThatNamesTheFile(bytes: [UInt8], says: String) {
    #expect(refusal { _ = try read(bytes) } == "\(folder.path)/prompt.txt: \(says)")
  }
}
