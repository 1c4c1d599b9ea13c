@testable import Checkpoints

/// A safetensors file of this header, followed by `data`.
func safetensors(header: String, data: [UInt8] = [UInt8](repeating: 0, count: 8)) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}

/// A valid safetensors file of float32 tensors; each holds 0, 1, 2, ... in its order.
func safetensors(_ tensors: [(name: String, shape: [Int])]) -> [UInt8] {
  var entries: [String] = []
  var data: [UInt8] = []
  for (name, shape) in tensors {
    let begin = data.count
    for value in 0..<shape.reduce(1, *) { withUnsafeBytes(of: Float(value)) { data += $0 } }
    entries.append("\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(data.count)]}")
  }
  return safetensors(header: "{\(entries.joined(separator: ","))}", data: data)
}

/// A valid file of tensors [1] of these names.
func safetensors(_ names: [String]) -> [UInt8] { safetensors(names.map { ($0, [1]) }) }

extension StoredTensor {
  /// The values of a float32 tensor.
  var floats: [Float] { withExtendedLifetime(self) { Array(bytes.bindMemory(to: Float.self)) } }

  var byteArray: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }
}

/// The message of the `CheckpointError` that `body` throws; "" if it throws none.
func refusal(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch let error as CheckpointError {
    return error.message
  } catch {
    return "\(error)"
  }
}
