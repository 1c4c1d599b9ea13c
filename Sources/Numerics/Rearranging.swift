// SPDX-License-Identifier: LGPL-3.0-or-later
extension Tensor {
  /// These tokens of one sequence, in this order: [1, T, C] -> [1, indices.count, C].  A token may come several times.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    let (tokens, width) = sequence
    precondition(indices.allSatisfy { (0..<tokens).contains($0) }, "rows \(indices) of \(shape)")
    let result = Tensor([1, indices.count, width], in: workspace)
    for (row, index) in indices.enumerated() {
      (result.pointer + row * width).update(from: pointer + index * width, count: width)
    }
    return result
  }

  /// Puts the tokens of `rows`, [1, indices.count, C], to these places of one sequence, [1, T, C].
  public func scatterRowsInPlace(_ rows: Tensor, at indices: [Int]) {
    let (tokens, width) = sequence
    precondition(rows.shape == [1, indices.count, width], "\(rows.shape) into \(indices.count) rows of \(shape)")
    precondition(indices.allSatisfy { (0..<tokens).contains($0) }, "rows \(indices) of \(shape)")
    for (row, index) in indices.enumerated() {
      (pointer + index * width).update(from: rows.pointer + row * width, count: width)
    }
  }

  private var sequence: (tokens: Int, width: Int) {
    precondition(shape.count == 3 && dim(0) == 1, "\(shape) is not one sequence")
    return (dim(1), dim(2))
  }

  /// [1, ...] -> [count, ...], the same for each image.
  public func repeated(_ count: Int) -> Tensor {
    precondition(dim(0) == 1 && count > 0, "\(shape) repeated \(count) times")
    guard count > 1 else { return self }
    let result = Tensor([count] + shape.dropFirst(), in: workspace)
    for image in 0..<count { (result.pointer + image * self.count).update(from: pointer, count: self.count) }
    return result
  }

  /// As PyTorch keeps pictures, [N, C, H, W] -> [N, H, W, C]
  public func channelsLast() -> Tensor {
    let (channels, cells) = (dim(1), dim(2) * dim(3))
    let result = Tensor([dim(0), dim(2), dim(3), channels], in: workspace)
    for image in 0..<dim(0) {
      let (from, to) = (pointer + image * channels * cells, result.pointer + image * channels * cells)
      for cell in 0..<cells {
        for channel in 0..<channels { to[cell * channels + channel] = from[channel * cells + cell] }
      }
    }
    return result
  }

  /// Cells of side x side pixels one behind the other, [N, h, w, side side C], as the picture that they make:
  /// [N, h side, w side, C].
  public func depthToSpace(_ side: Int) -> Tensor {
    let (height, width, channels) = (dim(1), dim(2), dim(3) / (side * side))
    precondition(dim(3) == side * side * channels, "\(shape) in cells of \(side)")
    let result = Tensor([dim(0), height * side, width * side, channels], in: workspace)
    let line = side * channels  // of a cell
    parallelFor(dim(0) * height) { row in
      for column in 0..<width {
        let cell = pointer + (row * width + column) * side * line
        for y in 0..<side {
          (result.pointer + ((row * side + y) * width + column) * line).update(from: cell + y * line, count: line)
        }
      }
    }
    return result
  }
}
