// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// What other programs say.
enum Shell {
  /// The first line that a command prints; nil if it fails or prints nothing.
  static func firstLine(_ command: String) -> String? {
    guard let pipe = popen(command + " 2>/dev/null", "r") else { return nil }
    var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    defer { free(line) }
    let isRead = getline(&line, &capacity, pipe) > 0
    while fgetc(pipe) != EOF {}
    guard pclose(pipe) == 0, isRead, let line else { return nil }
    let text = String(cString: line)
    return text.last == "\n" ? String(text.dropLast()) : text
  }
}
