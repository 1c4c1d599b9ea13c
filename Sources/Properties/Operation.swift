// SPDX-License-Identifier: LGPL-3.0-or-later
/// The operations, by their names in GEGL.
package enum Operation: String, CaseIterable, Sendable {
  case sdInpaint = "inpaint:sd-inpaint"
  case asukaInpaint = "inpaint:asuka-inpaint"
  case seeleRemove = "inpaint:seele-remove"
  case seeleComplete = "inpaint:seele-complete"
  case seeleHarmonize = "inpaint:seele-harmonize"
  /// A composition of the three before, made by the host.
  case seeleReposition = "inpaint:seele-reposition"
  case outpaint = "inpaint:outpaint"
  case lamaInpaint = "inpaint:lama-inpaint"

  /// Those that models carry out themselves.
  package static var painted: [Operation] { allCases.filter { $0 != .seeleReposition } }
}

extension [Operation] {
  static let all = Operation.allCases
  static let painted = Operation.painted
  /// Those that repaint a mask on aux in a canvas that stays.
  static let masked = all.filter { $0 != .outpaint }
  /// Those that models paint in steps, out of noise.
  static let sampled = all.filter { $0 != .lamaInpaint }
  /// From noise to a picture.
  static let stepped = sampled.filter { $0 != .seeleHarmonize }
  static let prompted: [Operation] = [.sdInpaint, .outpaint]
}
