// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Glibc

private let grain = 1 << 15

extension Tensor {
  /// self += other
  public func addInPlace(_ other: Tensor) {
    precondition(other.shape == shape, "adding \(other.shape) to \(shape)")
    parallel(count, grain: grain) { kernels.add(pointer + $0.lowerBound, other.pointer + $0.lowerBound, Int64($0.count)) }
  }

  /// x sigmoid(x)
  public func siluInPlace() { applyInPlace(kernels.silu) }
  /// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the approximation that some transformers were trained with
  public func tanhGELUInPlace() { applyInPlace(kernels.gelu_tanh) }
  /// The larger of x and 0
  public func reluInPlace() { applyInPlace(kernels.relu) }
  /// 1 / (1 + e^-x)
  public func sigmoidInPlace() {
    parallel(count, grain: grain) { for index in $0 { pointer[index] = 1 / (1 + expf(-pointer[index])) } }
  }

  private func applyInPlace(_ kernel: (UnsafeMutablePointer<Float>?, Int64) -> Void) {
    parallel(count, grain: grain) { kernel(pointer + $0.lowerBound, Int64($0.count)) }
  }
}

extension Tensor {
  /// x scale + shift
  public func scaled(by scale: Float, adding shift: Float = 0) -> Tensor {
    mapped { $0 * scale + shift }
  }

  /// Each value x / divisor + shift.
  public func divided(by divisor: Float, adding shift: Float = 0) -> Tensor {
    mapped { $0 / divisor + shift }
  }

  /// Within -limit ... limit.
  public func clamped(to limit: Float) -> Tensor { mapped { min(max($0, -limit), limit) } }

  /// limit tanh(x / limit)
  public func softClamped(to limit: Float) -> Tensor { mapped { limit * tanhf($0 / limit) } }

  private func mapped(_ transform: (Float) -> Float) -> Tensor {
    let result = Tensor(shape, in: workspace)
    parallel(count, grain: grain) { for index in $0 { result.pointer[index] = transform(pointer[index]) } }
    return result
  }

  /// x scale[c] + shift[c] for each channel c of [..., C]
  public func scaledChannels(_ scale: [Float], adding shift: [Float]) -> Tensor {
    let channels = dim(-1)
    precondition(scale.count == channels && shift.count == channels, "\(scale.count) scales for \(shape)")
    let result = Tensor(shape, in: workspace)
    parallel(count / channels, grain: max(1, grain / channels)) { rows in
      kernels.scale_shift(
        pointer + rows.lowerBound * channels, result.pointer + rows.lowerBound * channels, scale, shift, Int64(rows.count),
        Int64(channels), false)
    }
    return result
  }
}

/// The sum of tensors of one shape, each times its factor.
public func linearCombination(_ terms: (Double, Tensor)...) -> Tensor { linearCombination(terms) }

public func linearCombination(_ terms: [(Double, Tensor)]) -> Tensor {
  let result = Tensor(terms[0].1.shape, in: terms[0].1.workspace)
  for index in 0..<result.count {
    var sum = Float(terms[0].0) * terms[0].1.pointer[index]
    for (factor, tensor) in terms.dropFirst() { sum += Float(factor) * tensor.pointer[index] }
    result.pointer[index] = sum
  }
  return result
}

/// [..., A] and [..., B] side by side: [..., A + B]
public func concatenate(_ first: Tensor, _ second: Tensor) -> Tensor {
  precondition(first.shape.dropLast() == second.shape.dropLast(), "joining \(first.shape) and \(second.shape)")
  let (left, right) = (first.dim(-1), second.dim(-1))
  let result = Tensor(first.shape.dropLast() + [left + right], in: first.workspace)
  parallel(first.count / left, grain: max(1, grain / (left + right))) { rows in
    for row in rows {
      let destination = result.pointer + row * (left + right)
      destination.update(from: first.pointer + row * left, count: left)
      (destination + left).update(from: second.pointer + row * right, count: right)
    }
  }
  return result
}

extension Tensor {
  /// A copy of these channels: [..., C] -> [..., channels.count]
  public func channels(_ channels: Range<Int>) -> Tensor {
    let width = dim(-1)
    precondition(channels.lowerBound >= 0 && channels.upperBound <= width, "channels \(channels) of \(shape)")
    let result = Tensor(shape.dropLast() + [channels.count], in: workspace)
    parallel(count / width, grain: max(1, grain / channels.count)) { rows in
      for row in rows {
        (result.pointer + row * channels.count).update(
          from: pointer + row * width + channels.lowerBound, count: channels.count)
      }
    }
    return result
  }
}
