// SPDX-License-Identifier: LGPL-3.0-or-later
/// Why a model file cannot be used: names the file, the tensor or key, and the remedy.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
  public let message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}

extension String {
  /// Whether the text can go into a message as it is: no control characters, which could rewrite a terminal's line.
  var isPrintable: Bool { unicodeScalars.allSatisfy(\.isPrintable) }

  /// The text's beginning for a message, control characters replaced.
  var excerpt: String {
    String(String.UnicodeScalarView(unicodeScalars.prefix(100).map { $0.isPrintable ? $0 : "?" }))
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool { value >= 0x20 && !(0x7F...0x9F).contains(value) }
}
