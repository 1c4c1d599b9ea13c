// SPDX-License-Identifier: LGPL-3.0-or-later
/// A tensor's place in a storage of a torch file.
struct StorageView {
  let description: TensorDescription
  /// Elements from one index to the next, one a dimension; not negative.
  private let strides: [Int]
  /// Of the first element in the file.
  private let offset: Int

  /// Throws `CheckpointError`, which goes on after "tensor x", where the view leaves its storage.
  ///
  /// storage: bytes in the file; offset and strides in elements, as the file has them.
  init(_ type: ElementType, shape: [Int], strides: [Int], offset: Int, storage: Range<Int>) throws {
    guard let description = TensorDescription(type, shape), strides.count == shape.count, offset >= 0,
      strides.allSatisfy({ $0 >= 0 })
    else {
      throw CheckpointError("has the shape \(shape) and strides \(strides), which no tensor has; the file is damaged")
    }
    let elements = storage.count / type.byteCount
    guard let span = Self.span(shape, strides), offset <= elements, span <= elements - offset,
      // A view that repeats elements would be larger than the file.
      description.byteCount <= storage.count
    else {
      throw CheckpointError("\(shape) lies beyond its storage of \(elements) elements; the file is damaged or cut off")
    }
    self.description = description
    // Of a dimension with one index the stride may be anything, of an empty tensor all of them.
    self.strides = zip(shape, strides).map { $0 > 1 && description.byteCount > 0 ? $1 : 0 }
    self.offset = storage.lowerBound + offset * type.byteCount
  }

  private init(_ description: TensorDescription, _ strides: [Int], _ offset: Int) {
    self.description = description
    self.strides = strides
    self.offset = offset
  }

  /// Elements from the first to the last, both counted; nil where that overflows.
  private static func span(_ shape: [Int], _ strides: [Int]) -> Int? {
    guard !shape.contains(0) else { return 0 }
    var span = 1
    for (size, stride) in zip(shape, strides) {
      let (length, tooLong) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooLarge) = span.addingReportingOverflow(length)
      guard !tooLong, !tooLarge else { return nil }
      span = sum
    }
    return span
  }

  /// These rows of the first dimension, which must exist.
  func rows(_ rows: Range<Int>) -> StorageView {
    StorageView(
      description.rows(rows), strides, offset + rows.lowerBound * strides[0] * description.type.byteCount)
  }

  /// Whether the elements follow each other as in memory, last dimension fastest.
  private var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(description.shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  func read(_ file: RegularFile) throws -> StoredTensor {
    let tensor = try StoredTensor(description.type, description.shape)
    guard description.byteCount > 0 else { return tensor }
    if isContiguous {
      try file.read(into: tensor.bytes, at: offset)
      return tensor
    }
    // Transposed, or with the channels last.
    let size = description.type.byteCount
    let spanned = try StoredTensor(.uint8, [Self.span(description.shape, strides)! * size])
    try file.read(into: spanned.bytes, at: offset)
    withExtendedLifetime(spanned) {
      var index = [Int](repeating: 0, count: strides.count)
      var element = 0
      for destination in stride(from: 0, to: tensor.bytes.count, by: size) {
        (tensor.bytes.baseAddress! + destination).copyMemory(
          from: spanned.bytes.baseAddress! + element * size, byteCount: size)
        for axis in index.indices.reversed() {
          index[axis] += 1
          element += strides[axis]
          if index[axis] < description.shape[axis] { break }
          element -= index[axis] * strides[axis]
          index[axis] = 0
        }
      }
    }
    return tensor
  }
}
