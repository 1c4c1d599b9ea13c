import Checkpoints

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
    let result = Tensor([1, indices.count, width], in: workspace)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < entries, "entry \(index) of \(entries)")
      table.widen(index * width..<(index + 1) * width, to: result.pointer + position * width)
    }
    return result
  }
}
