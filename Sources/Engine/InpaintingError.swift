// SPDX-License-Identifier: LGPL-3.0-or-later
/// Why a request cannot be carried out: the cause and what to do.
package struct InpaintingError: Error, CustomStringConvertible, Equatable {
  package let description: String
  package init(_ description: String) { self.description = description }
}
