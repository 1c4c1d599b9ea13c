// SPDX-License-Identifier: LGPL-3.0-or-later
/// A dense array of float32, last dimension fastest.
///
/// Pictures are [N, H, W, C], token sequences [N, T, C].  A tensor is a handle: copies share the values, and the
/// block returns to its workspace when the last handle goes.  Functions that change values in place say so in their
/// name; everything else leaves its arguments alone.
public struct Tensor {
  public let shape: [Int]
  private let block: Workspace.Block
  private let offset: Int

  /// Values are undefined until written.
  public init(_ shape: [Int], in workspace: Workspace) {
    self.init(shape: shape, block: workspace.block(count: shape.reduce(1, *)), offset: 0)
  }

  private init(shape: [Int], block: Workspace.Block, offset: Int) {
    self.shape = shape
    self.block = block
    self.offset = offset
  }

  public init(_ shape: [Int], _ values: [Float], in workspace: Workspace) {
    self.init(shape, in: workspace)
    precondition(values.count == count, "\(values.count) values for shape \(shape)")
    values.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: count) }
  }

  public init(_ shape: [Int], repeating value: Float, in workspace: Workspace) {
    self.init(shape, in: workspace)
    buffer.update(repeating: value)
  }

  public var workspace: Workspace { block.workspace }
  public var count: Int { shape.reduce(1, *) }
  /// The values, valid while this tensor lives.  For this module's operations alone, which are all that models take.
  var pointer: UnsafeMutablePointer<Float> { block.pointer + offset }
  var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }
  public var array: [Float] { Array(buffer) }

  /// The size of dimension `axis`; negative axes count from the end.
  public func dim(_ axis: Int) -> Int { shape[axis < 0 ? shape.count + axis : axis] }

  /// The same values under another shape.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    precondition(newShape.reduce(1, *) == count, "cannot reshape \(shape) to \(newShape)")
    return Tensor(shape: newShape, block: block, offset: offset)
  }

  /// The part of the first dimension at `index`, as [1, ...].  Shares the values.
  public subscript(image index: Int) -> Tensor {
    precondition(index >= 0 && index < shape[0], "image \(index) of \(shape)")
    return Tensor(
      shape: [1] + shape.dropFirst(), block: block, offset: offset + index * shape.dropFirst().reduce(1, *))
  }

  /// The values from the one at `offset` on, counted in order, under another shape.  Shares them.
  public func values(from offset: Int, _ shape: [Int]) -> Tensor {
    precondition(offset >= 0 && offset + shape.reduce(1, *) <= count, "\(shape) at \(offset) of \(self.shape)")
    return Tensor(shape: shape, block: block, offset: self.offset + offset)
  }

  /// Takes the values of another of as many, which lies elsewhere.
  public func copyInPlace(_ other: Tensor) {
    precondition(other.count == count, "\(other.shape) copied to \(shape)")
    pointer.update(from: other.pointer, count: count)
  }

  /// A copy with a block of its own.
  public func copy() -> Tensor {
    let result = Tensor(shape, in: workspace)
    result.pointer.update(from: pointer, count: count)
    return result
  }
}
