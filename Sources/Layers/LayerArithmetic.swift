// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// What a model's layers are multiplied in: most of them alike, but some in float32 whatever the others are.
public struct LayerArithmetic: Sendable {
  private let most: Arithmetic
  /// Parts of the model, by a component of their layers' paths.
  private let exactParts: Set<String>

  public static let float32 = LayerArithmetic(.float32, exactParts: [])

  init(_ most: Arithmetic, exactParts: Set<String>) {
    self.most = most
    self.exactParts = exactParts
  }

  func callAsFunction(ofLayer path: String) -> Arithmetic {
    path.split(separator: ".").contains { exactParts.contains(String($0)) } ? .float32 : most
  }

  /// Bytes of a model's weights when its layers have been made.
  func byteCount(_ weights: Weights) -> Int {
    weights.names.reduce(0) { sum, name in
      let layer = name.hasSuffix(Self.suffix) ? String(name.dropLast(Self.suffix.count)) : ""
      // A norm's parameters are a vector.
      let stored = weights.byteCount(of: name)
      guard !layer.isEmpty, let shape = weights.shape(of: name), shape.count > 1 else { return sum + stored }
      return sum + self(ofLayer: layer).byteCount(weights: shape, stored: stored)
    }
  }

  private static let suffix = ".weight"
}
