/// A dense array of float32, last dimension fastest.
///
/// Pictures are [N, H, W, C], token sequences [N, T, C].  A tensor is a handle: copies share the values, and the
/// block returns to its workspace when the last handle goes.  Functions that change values in place say so in their
/// name; everything else leaves its arguments alone.
public struct Tensor {
  public let shape: [Int]
  let block: Workspace.Block

  /// Values are undefined until written.
  public init(_ shape: [Int], in workspace: Workspace) {
    self.shape = shape
    self.block = workspace.block(count: shape.reduce(1, *))
  }

  private init(shape: [Int], block: Workspace.Block) {
    self.shape = shape
    self.block = block
  }

  public init(_ shape: [Int], _ values: [Float], in workspace: Workspace) {
    self.init(shape, in: workspace)
    precondition(values.count == count, "\(values.count) values for shape \(shape)")
    values.withUnsafeBufferPointer { buffer.update(fromContentsOf: $0) }
  }

  public init(_ shape: [Int], repeating value: Float, in workspace: Workspace) {
    self.init(shape, in: workspace)
    buffer.update(repeating: value)
  }

  public var workspace: Workspace { block.workspace }
  public var count: Int { shape.reduce(1, *) }
  /// The values.  Valid while this tensor lives.
  public var pointer: UnsafeMutablePointer<Float> { block.pointer }
  public var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }
  public var array: [Float] { Array(buffer) }

  /// The size of dimension `axis`; negative axes count from the end.
  public func dim(_ axis: Int) -> Int { shape[axis < 0 ? shape.count + axis : axis] }

  /// The same values under another shape.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    precondition(newShape.reduce(1, *) == count, "cannot reshape \(shape) to \(newShape)")
    return Tensor(shape: newShape, block: block)
  }

  /// A copy with a block of its own.
  public func copy() -> Tensor {
    let result = Tensor(shape, in: workspace)
    result.buffer.update(fromContentsOf: buffer)
    return result
  }
}
