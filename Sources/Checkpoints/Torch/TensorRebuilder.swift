// SPDX-License-Identifier: LGPL-3.0-or-later
/// Makes tensors of what the pickle of a torch file would call: `torch._utils._rebuild_*` over storages.
struct TensorRebuilder {
  let pickle: Pickle
  let entries: [String: Range<Int>]
  /// Of the archive's entries, with the slash.
  let folder: String

  private static let elementTypes: [String: ElementType] = [
    "Double": .float64, "Float": .float32, "Half": .float16, "BFloat16": .bfloat16, "Long": .int64, "Int": .int32,
    "Short": .int16, "Char": .int8, "Byte": .uint8, "Bool": .bool,
  ]

  /// nil for what is no tensor.  Throws `CheckpointError`, which goes on after "tensor x", for one that cannot be read.
  func view(_ value: Pickle.Value) throws -> StorageView? {
    guard let (function, arguments) = call(value), function.hasPrefix("torch.") else { return nil }
    switch function {
    case "torch._utils._rebuild_tensor_v2": return try tensor(arguments)
    case "torch._utils._rebuild_parameter":
      // A parameter of a parameter, and so on, is none of torch's.
      guard let data = arguments.first, let (inner, arguments) = call(data),
        inner == "torch._utils._rebuild_tensor_v2"
      else { throw CheckpointError("is a parameter without a tensor; the file is damaged") }
      return try tensor(arguments)
    default:
      guard function.hasPrefix("torch._utils._rebuild") else { return nil }
      throw CheckpointError("was stored by \(function.excerpt), which is not read; convert it to .safetensors")
    }
  }

  private func call(_ value: Pickle.Value) -> (function: String, arguments: [Pickle.Value])? {
    guard let object = pickle.object(value), case .call = object.kind, let function = pickle.global(object.items[0]),
      let arguments = pickle.tuple(object.items[1])
    else { return nil }
    return (function, arguments)
  }

  /// (storage, offset, shape, strides, ...)
  private func tensor(_ arguments: [Pickle.Value]) throws -> StorageView {
    guard arguments.count >= 4, case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
      let strides = integers(arguments[3])
    else { throw CheckpointError("is not stored as torch does; the file is damaged") }
    let (type, storage) = try storage(arguments[0])
    return try StorageView(type, shape: shape, strides: strides, offset: offset, storage: storage)
  }

  private func integers(_ value: Pickle.Value) -> [Int]? {
    guard let items = pickle.tuple(value), items.count <= TensorDescription.maximumRank else { return nil }
    let integers = items.compactMap { item in if case .integer(let integer) = item { integer } else { nil } }
    return integers.count == items.count ? integers : nil
  }

  /// The persistent id ("storage", torch.FloatStorage, key, location, element count).
  private func storage(_ value: Pickle.Value) throws -> (ElementType, Range<Int>) {
    guard let object = pickle.object(value), case .persistent = object.kind, let id = pickle.tuple(object.items[0]),
      id.count >= 5, case .text(let key) = id[2], case .integer(let count) = id[4], let name = pickle.global(id[1])
    else { throw CheckpointError("has no storage; the file is damaged") }
    guard let kind = name.removingPrefix("torch."), kind.hasSuffix("Storage"),
      let type = Self.elementTypes[String(kind.dropLast("Storage".count))]
    else { throw CheckpointError("has a storage of \(name.excerpt), which is not read; convert it to .safetensors") }
    guard let range = entries[folder + "data/" + key] else {
      throw CheckpointError("has its storage \(key.excerpt) not in the file, which is damaged")
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
    guard count >= 0, !overflow, byteCount <= range.count else {
      throw CheckpointError("has a storage of \(count) elements in \(range.count) bytes; the file is damaged")
    }
    return (type, range.lowerBound..<range.lowerBound + byteCount)
  }
}
