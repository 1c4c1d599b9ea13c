// SPDX-License-Identifier: LGPL-3.0-or-later

/// One of the pictures that a pass has painted: its region, then tiles of that.
package struct PassPart: Sendable {
  /// 0 for the region, else the tile's number from 1 to `tiles`.
  package let tile: Int
  package let tiles: Int

  /// What a tile takes of the time that the region takes: its share of the steps, but the whole of the autoencoder.
  private static let tileShare = 0.5

  /// 0 ... 1, of all that is painted, where so much of this part is.
  package func fraction(_ own: Double) -> Double {
    let before = tile == 0 ? 0 : 1 + Self.tileShare * Double(tile - 1)
    return (before + own * (tile == 0 ? 1 : Self.tileShare)) / (1 + Self.tileShare * Double(tiles))
  }

  /// A stage of this part's.
  package func stage(_ own: String) -> String { tile == 0 ? own : "\(own), tile \(tile) of \(tiles)" }
}
