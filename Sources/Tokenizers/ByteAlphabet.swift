// SPDX-License-Identifier: LGPL-3.0-or-later
/// The printable characters that stand for bytes in byte-level vocabularies (Radford et al. 2019).
enum ByteAlphabet {
  private static let printable: [UInt8] = Array(33...126) + Array(161...172) + Array(174...255)  // in Latin-1

  /// The bytes in vocabulary order: the printable ones, then the others.
  static let order: [UInt8] = printable + (0...255).filter { !printable.contains($0) }

  /// The character of each byte: itself if printable, else one from U+0100 on.
  static let symbols: [String] = {
    var symbols = [String](repeating: "", count: 256)
    var next: UInt32 = 256
    for byte in printable { symbols[Int(byte)] = String(Character(Unicode.Scalar(byte))) }
    for byte in order.dropFirst(printable.count) {
      symbols[Int(byte)] = Unicode.Scalar(next).map { String(Character($0)) } ?? ""
      next += 1
    }
    return symbols
  }()
}
