// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics

/// A table of vectors.
public struct Embedding {
  private let table: StoredTensor
  private let entries: Int
  private let width: Int

  /// Reads `weight` [entries, width].
  public init(_ builder: ModelBuilder, entries: Int, width: Int) throws {
    table = try builder.weights.tensor("weight", shape: [entries, width])
    (self.entries, self.width) = (entries, width)
  }

  /// indices: each in 0 ..< entries -> [1, indices, width]
  public func callAsFunction(_ indices: [Int], in workspace: Workspace) -> Tensor {
    let rows = indices.map { index in
      precondition(index >= 0 && index < entries, "entry \(index) of \(entries)")
      return table.floats(index * width..<(index + 1) * width)
    }
    return Tensor([1, indices.count, width], Array(rows.joined()), in: workspace)
  }
}
