import CKernels

private let grain = 1 << 15

extension Tensor {
  /// self += other
  public func addInPlace(_ other: Tensor) {
    precondition(other.shape == shape, "adding \(other.shape) to \(shape)")
    parallel(count, grain: grain) { kernels.add(pointer + $0.lowerBound, other.pointer + $0.lowerBound, Int64($0.count)) }
  }

  /// x sigmoid(x)
  public func siluInPlace() { applyInPlace(kernels.silu) }
  /// x Phi(x), exactly (Hendrycks and Gimpel 2016)
  public func geluInPlace() { applyInPlace(kernels.gelu) }
  /// x sigmoid(1.702 x), as CLIP ViT-L has it
  public func quickGELUInPlace() { applyInPlace(kernels.quick_gelu) }

  private func applyInPlace(_ kernel: (UnsafeMutablePointer<Float>?, Int64) -> Void) {
    parallel(count, grain: grain) { kernel(pointer + $0.lowerBound, Int64($0.count)) }
  }

  /// [..., value | gate] -> value gelu(gate), [..., C / 2]
  public func geglu() -> Tensor {
    let width = dim(-1) / 2
    let result = Tensor(shape.dropLast() + [width], in: workspace)
    parallel(count / 2 / width, grain: max(1, grain / width)) { rows in
      kernels.geglu(
        pointer + rows.lowerBound * 2 * width, result.pointer + rows.lowerBound * width, Int64(rows.count),
        Int64(width))
    }
    return result
  }
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

/// Nearest-neighbour resampling as PyTorch has it: source = floor(target size ratio).  x: [N, H, W, C] -> [N, height, width, C]
public func resizeNearest(_ x: Tensor, height: Int, width: Int) -> Tensor {
  let (images, fromHeight, fromWidth, channels) = (x.dim(0), x.dim(1), x.dim(2), x.dim(3))
  let result = Tensor([images, height, width, channels], in: x.workspace)
  let columns = (0..<width).map { $0 * fromWidth / width }
  parallel(images * height, grain: max(1, grain / (width * channels))) { lines in
    for line in lines {
      let source = x.pointer + (line / height * fromHeight + line % height * fromHeight / height) * fromWidth * channels
      let destination = result.pointer + line * width * channels
      for column in 0..<width {
        (destination + column * channels).update(from: source + columns[column] * channels, count: channels)
      }
    }
  }
  return result
}
