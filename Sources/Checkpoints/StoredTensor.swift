// SPDX-License-Identifier: LGPL-3.0-or-later
import Memory

/// The element types of safetensors files.
public enum ElementType: String, Sendable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8E4M3 = "F8_E4M3"
  case float8E5M2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// Bytes of one element: 1, 2, 4 or 8.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
    }
  }

  /// Whether models can compute with it.  float64 is refused: no released model has it.
  var isWeight: Bool { self == .float32 || self == .float16 || self == .bfloat16 }
}

/// One tensor in memory of this process, in the format of its file.
public final class StoredTensor: @unchecked Sendable {
  public let elementType: ElementType
  public let shape: [Int]
  /// Aligned to a page; freed with this object, which the pointer does not keep alive: copy out of it only while the
  /// object is held (`withExtendedLifetime`).
  public let bytes: UnsafeMutableRawBufferPointer
  private let pages: Pages

  /// Undefined values.  Throws if the shape overflows, or if the system has no memory for it.
  public init(_ elementType: ElementType, _ shape: [Int]) throws {
    guard let count = TensorDescription(elementType, shape)?.byteCount else {
      throw CheckpointError("a tensor cannot have the shape \(shape)")
    }
    self.elementType = elementType
    self.shape = shape
    guard let pages = Pages(byteCount: count) else {
      throw CheckpointError("no memory for a tensor of \(count) bytes; close other programs or use a smaller model")
    }
    self.pages = pages
    bytes = UnsafeMutableRawBufferPointer(start: pages.start, count: count)
  }

  deinit { pages.free() }

  /// Whether every element of float32, float16 or bfloat16 is a finite number; true for the other types.
  var isFinite: Bool {
    switch elementType {
    case .float32: allFinite(bytes.bindMemory(to: UInt32.self), exponent: 0x7F80_0000)
    case .float16: allFinite(bytes.bindMemory(to: UInt16.self), exponent: 0x7C00)
    case .bfloat16: allFinite(bytes.bindMemory(to: UInt16.self), exponent: 0x7F80)
    default: true
    }
  }
}

/// Infinities and NaNs are the numbers whose exponent bits are all set.  Without a branch, so that it is vectorised and
/// keeps up with the memory.
private func allFinite<Bits: FixedWidthInteger>(
  _ elements: UnsafeMutableBufferPointer<Bits>, exponent: Bits
) -> Bool {
  var found: Bits = 0
  for element in elements { found |= element & exponent == exponent ? 1 : 0 }
  return found == 0
}
