// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Numerics

/// The folder Tests/fixtures.
public let fixtures: String = {
  let parts = #filePath.split(separator: "/").dropLast(2)
  return "/" + parts.joined(separator: "/") + "/fixtures"
}()

/// The bytes of a file below Tests/fixtures; none if it cannot be read.
public func fileBytes(_ path: String) -> [UInt8] {
  guard let file = fopen(fixtures + "/" + path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
  return bytes
}

/// The path of a file of others that the repository may not have: in `GEGL_INPAINT_TEST_SHARED`, or in the folder
/// `shared` beside the repository.  nil where it is absent.
public func thirdParty(_ name: String) -> String? {
  let shared = getenv("GEGL_INPAINT_TEST_SHARED").map { String(cString: $0) } ?? fixtures + "/../../../shared"
  let path = shared + "/fixtures/" + name
  return access(path, R_OK) == 0 ? path : nil
}

/// A safetensors file of reference values.
public struct Fixture {
  let weights: Weights

  /// `path` below Tests/fixtures.
  public init(_ path: String) throws { try self.init(absolute: fixtures + "/" + path) }

  public init(absolute path: String) throws { weights = try Weights(file: path) }

  public func shape(_ name: String) throws -> [Int] { 
    guard let shape = weights.shape(of: name) else { throw CheckpointError("no fixture \(name)") }
    return shape
  }

  public func tensor(_ name: String, in workspace: Workspace) throws -> Tensor {
    let shape = try shape(name)
    let stored = try weights.tensor(name, shape: shape)
    return withExtendedLifetime(stored) {
      Tensor(shape, Array(stored.bytes.bindMemory(to: Float.self)), in: workspace)
    }
  }
}

/// Root mean square of the differences over that of the expected values.
public func relativeDifference(_ result: [Float], _ expected: [Float]) -> Double {
  guard result.count == expected.count else { return .infinity }
  var squares = 0.0
  var total = 0.0
  for (value, wanted) in zip(result, expected) {
    squares += Double(value - wanted) * Double(value - wanted)
    total += Double(wanted) * Double(wanted)
  }
  return (squares / max(total, .leastNormalMagnitude)).squareRoot()
}

/// nil where two tensors agree within `limit` (relative RMS), else how far they are apart.  Whole models are met within
/// 4e-6; an epsilon of 1e-5 for 1e-6 moves a norm by 4.5e-6.
public func mismatch(_ result: Tensor, _ expected: Tensor, limit: Double = 1e-5, _ what: String) -> String? {
  guard result.shape == expected.shape else { return "\(what): shape \(result.shape), expected \(expected.shape)" }
  let relative = relativeDifference(result.array, expected.array)
  if relative <= limit { return nil }
  let largest = zip(result.array, expected.array).map { abs($0 - $1) }.max() ?? 0
  return "\(what): relative RMS difference \(relative), limit \(limit); largest \(largest)"
}
