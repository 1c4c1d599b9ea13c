import Glibc

/// What other programs say.
enum Shell {
  /// The first line that a command prints; nil if it fails or prints nothing.
  static func firstLine(_ command: String) -> String? {
    guard let pipe = popen(command + " 2>/dev/null", "r") else { return nil }
    var line = [CChar](repeating: 0, count: 1024)
    let isRead = fgets(&line, Int32(line.count), pipe) != nil
    while fgetc(pipe) != EOF {}
    guard pclose(pipe) == 0, isRead else { return nil }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.last == "\n" ? String(text.dropLast()) : text
  }
}
