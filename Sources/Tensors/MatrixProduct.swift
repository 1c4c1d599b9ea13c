import COpenBLAS
import CKernels

/// Where the left matrix of a product comes from: rows that lie in memory, or neighbourhoods gathered from pictures.
protocol RowSource {
  /// The product's depth is cut at multiples of this (a convolution's channels), or anywhere if 1.
  var depthUnit: Int { get }
  /// Rows that lie in memory already: their first value and stride; nil if they have to be gathered.
  func rows(from row: Int, depth: Int) -> (UnsafePointer<Float>, stride: Int)?
  /// Writes rows x depth values without gaps.
  func gather(rows: Range<Int>, depth: Range<Int>, to: UnsafeMutablePointer<Float>)
}

/// Rows that follow each other in memory.
struct DenseRows: RowSource {
  let start: UnsafePointer<Float>
  let stride: Int
  var depthUnit: Int { 1 }

  func rows(from row: Int, depth: Int) -> (UnsafePointer<Float>, stride: Int)? {
    (start + row * stride + depth, stride)
  }

  func gather(rows: Range<Int>, depth: Range<Int>, to: UnsafeMutablePointer<Float>) {}
}

/// What is added to a product's rows when they are complete.
struct RowAddend {
  /// A value per output, for each group of `rowsPerVector` rows: the bias, or one vector an image.
  let vectors: UnsafePointer<Float>
  let rowsPerVector: Int
  /// A matrix of the product's shape.
  let residual: UnsafePointer<Float>?
}

/// to[rows, outputs] = source[rows, inputs] weights[outputs, inputs]^T + addend.
///
/// Blocks of rows x outputs are independent.  Within one, the depth is walked in turns small enough that the gathered
/// rows and the widened weights stay in the second-level cache.
func matrixProduct(
  _ source: some RowSource, rows: Int, _ weights: WeightMatrix, adding addend: RowAddend,
  to: UnsafeMutablePointer<Float>, in workspace: Workspace
) {
  _ = singleThreadedBLAS
  let outputs = weights.outputs
  let blocks = Blocks(rows: rows, outputs: outputs)

  // Many row blocks would each widen the same weights: do it once for all of them.
  var floats = weights.floats
  var widened: Tensor?
  if floats == nil, blocks.rowBlocks > 2 {
    let all = Tensor([outputs, weights.inputs], in: workspace)
    parallel(outputs, grain: 32) { range in
      weights.widen(rows: range, columns: 0..<weights.inputs, to: all.pointer + range.lowerBound * weights.inputs)
    }
    floats = UnsafePointer(all.pointer)
    widened = all
  }

  let gathers = source.rows(from: 0, depth: 0) == nil
  let turn = Blocks.depthTurn(
    inputs: weights.inputs, unit: source.depthUnit,
    width: max(gathers ? blocks.rowsPerBlock : 0, floats == nil ? blocks.outputsPerBlock : 0))
  let gathered = gathers ? blocks.rowsPerBlock * turn : 0
  let scratchCount = gathered + (floats == nil ? blocks.outputsPerBlock * turn : 0)
  workspace.parallel(blocks.count, scratch: scratchCount) { index, scratch in
    let (rowRange, outputRange) = blocks[index]
    let block = to + rowRange.lowerBound * outputs + outputRange.lowerBound
    for start in stride(from: 0, to: weights.inputs, by: turn) {
      let depth = start..<min(start + turn, weights.inputs)
      var (left, leftStride) = (UnsafePointer(scratch), depth.count)
      if let lying = source.rows(from: rowRange.lowerBound, depth: start) {
        (left, leftStride) = lying
      } else {
        source.gather(rows: rowRange, depth: depth, to: scratch)
      }
      var (right, rightStride) = (UnsafePointer(scratch + gathered), depth.count)
      if let floats {
        (right, rightStride) = (floats + outputRange.lowerBound * weights.inputs + start, weights.inputs)
      } else {
        weights.widen(rows: outputRange, columns: depth, to: scratch + gathered)
      }
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rowRange.count), blasint(outputRange.count),
        blasint(depth.count), 1, left, blasint(leftStride), right, blasint(rightStride), start == 0 ? 0 : 1, block,
        blasint(outputs))
    }
    add(addend, to: block, rows: rowRange, outputs: outputRange, stride: outputs)
  }
  withExtendedLifetime(widened) {}
}

private func add(
  _ addend: RowAddend, to block: UnsafeMutablePointer<Float>, rows: Range<Int>, outputs: Range<Int>, stride: Int
) {
  var row = rows.lowerBound
  while row < rows.upperBound {
    let group = row / addend.rowsPerVector
    let end = min(rows.upperBound, (group + 1) * addend.rowsPerVector)
    kernels.add_vector(
      block + (row - rows.lowerBound) * stride, Int64(stride), addend.vectors + group * stride + outputs.lowerBound,
      addend.residual.map { $0 + row * stride + outputs.lowerBound }, Int64(stride), Int64(end - row),
      Int64(outputs.count))
    row = end
  }
}

/// How a product is cut into independent blocks.
struct Blocks {
  /// OpenBLAS packs the weights anew for each block: enough rows make that cheap.
  private static let rowsPerBlock = 512
  /// Floats of gathered rows or widened weights in one turn: 2 MB.
  private static let turnFloats = 1 << 19
  /// Blocks that keep several cores busy to the end.
  private static let wanted = 8

  let rows: Int
  let outputs: Int
  let rowsPerBlock: Int
  let outputsPerBlock: Int
  var rowBlocks: Int { (rows + rowsPerBlock - 1) / rowsPerBlock }
  var outputBlocks: Int { (outputs + outputsPerBlock - 1) / outputsPerBlock }
  var count: Int { rowBlocks * outputBlocks }

  init(rows: Int, outputs: Int) {
    self.rows = rows
    self.outputs = outputs
    let rowBlocks = max(1, (rows + Self.rowsPerBlock / 2) / Self.rowsPerBlock)
    rowsPerBlock = max(1, (rows + rowBlocks - 1) / rowBlocks)
    let columns = max(1, Self.wanted / rowBlocks)
    outputsPerBlock = min(outputs, max(64, ((outputs + columns - 1) / columns + 15) & ~15))
  }

  subscript(index: Int) -> (rows: Range<Int>, outputs: Range<Int>) {
    let row = index / outputBlocks * rowsPerBlock
    let output = index % outputBlocks * outputsPerBlock
    return (row..<min(rows, row + rowsPerBlock), output..<min(outputs, output + outputsPerBlock))
  }

  /// Depth per turn for blocks `width` wide; all of it if nothing is gathered or widened (width 0).
  static func depthTurn(inputs: Int, unit: Int, width: Int) -> Int {
    guard width > 0 else { return inputs }
    let units = max(1, turnFloats / (width * unit))
    return min(inputs, units * unit)
  }
}
