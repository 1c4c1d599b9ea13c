import Checkpoints

/// A table of vectors.
public struct Embedding {
  let table: WeightMatrix

  /// Reads `weight` [entries, width].
  public init(_ weights: Weights, entries: Int, width: Int) throws {
    table = WeightMatrix(try weights.tensor("weight", shape: [entries, width]), outputs: entries, inputs: width)
  }

  /// indices: each in 0 ..< entries -> [1, indices, width]
  public func callAsFunction(_ indices: [Int], in workspace: Workspace) -> Tensor {
    let width = table.inputs
    let result = Tensor([1, indices.count, width], in: workspace)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < table.outputs, "entry \(index) of \(table.outputs)")
      table.widen(rows: index..<index + 1, columns: 0..<width, to: result.pointer + position * width)
    }
    return result
  }
}
