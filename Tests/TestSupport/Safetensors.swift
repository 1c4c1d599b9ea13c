// SPDX-License-Identifier: LGPL-3.0-or-later
/// A safetensors file of this header, followed by `data`.
public func safetensors(header: String, data: [UInt8] = [UInt8](repeating: 0, count: 8)) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}

/// A valid safetensors file of float32 tensors; each holds 0, 1, 2, ... in its order.
public func safetensors(_ tensors: [(name: String, shape: [Int])]) -> [UInt8] {
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
public func safetensors(_ names: [String]) -> [UInt8] { safetensors(names.map { ($0, [1]) }) }
