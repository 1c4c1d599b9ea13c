// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Numerics

/// The numbers of `torch.Generator().manual_seed(seed)` on the CPU: Mersenne Twister 19937 (Matsumoto and Nishimura
/// 1998) and PyTorch's two ways to normal numbers, so that a seed gives the same picture as there.
public struct TorchGenerator {
  private var state = [UInt32](repeating: 0, count: 624)
  private var position = 624
  /// The sine half of a pair that a short draw left over.
  private var spare: Double?

  /// Only the lower 32 bits of the seed count, as in PyTorch.
  public init(seed: UInt64) {
    state[0] = UInt32(truncatingIfNeeded: seed)
    for index in 1..<624 {
      let before = state[index - 1]
      state[index] = 1_812_433_253 &* (before ^ before >> 30) &+ UInt32(index)
    }
  }

  private mutating func next() -> UInt32 {
    if position == 624 {
      for index in 0..<624 {
        let joined = state[index] & 0x8000_0000 | state[(index + 1) % 624] & 0x7FFF_FFFF
        state[index] = state[(index + 397) % 624] ^ joined >> 1 ^ (joined & 1 == 0 ? 0 : 0x9908_B0DF)
      }
      position = 0
    }
    var value = state[position]
    position += 1
    value ^= value >> 11
    value ^= value << 7 & 0x9D2C_5680
    value ^= value << 15 & 0xEFC6_0000
    return value ^ value >> 18
  }

  /// 24 bits in [0, 1).
  private mutating func uniform() -> Float { Float(next() & 0xFF_FFFF) * 0x1p-24 }

  /// 53 bits in [0, 1).
  private mutating func uniformDouble() -> Double {
    let high = UInt64(next())
    return Double((high << 32 | UInt64(next())) & (1 << 53 - 1)) * 0x1p-53
  }

  /// `torch.randn(count)`: standard normal numbers.
  public mutating func normal(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { values, initialized in
      fill(values)
      initialized = count
    }
  }

  /// Draws as many standard normal numbers as there is place for.
  private mutating func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    let count = values.count
    if count < 16 {
      for index in 0..<count { values[index] = Float(normalDouble()) }
      return
    }
    for index in 0..<count { values[index] = uniform() }
    for start in stride(from: 0, through: count - 16, by: 16) { Self.transform(values, start) }
    if count % 16 != 0 {
      // The last sixteen are drawn again where they do not make a whole group.
      for index in count - 16..<count { values[index] = uniform() }
      Self.transform(values, count - 16)
    }
  }

  /// Box and Muller 1958 on sixteen uniform numbers: eight radii, eight angles.
  ///
  /// In float64: PyTorch's builds for AVX2 and for other processors round the angle differently, up to 2.5e-6 apart in
  /// the result; the exact value is within 1.9e-6 of both (48 million draws).
  private static func transform(_ values: UnsafeMutableBufferPointer<Float>, _ start: Int) {
    for index in start..<start + 8 {
      let radius = (-2 * log(1 - Double(values[index]))).squareRoot()
      let angle = 2 * Double.pi * Double(values[index + 8])
      values[index] = Float(radius * cos(angle))
      values[index + 8] = Float(radius * sin(angle))
    }
  }

  private mutating func normalDouble() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    let angle = 2 * Double.pi * uniformDouble()
    let radius = (-2 * log1p(-uniformDouble())).squareRoot()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  /// `torch.randn(N, C, H, W)` in the shape [N, H, W, C].
  public mutating func normal(_ shape: [Int], in workspace: Workspace) -> Tensor {
    precondition(shape.count == 4, "\(shape) is not [N, H, W, C]")
    let values = normal(shape.reduce(1, *))
    return Tensor([shape[0], shape[3], shape[1], shape[2]], values, in: workspace).channelsLast()
  }
}
