// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import Glibc

/// cos and sin of 2 pi k / count, k = 0 ..< count, side by side.
private func roots(_ count: Int) -> [Float] {
  (0..<count).flatMap { k in
    let angle = 2 * Double.pi * Double(k) / Double(count)
    return [Float(cos(angle)), Float(sin(angle))]
  }
}

extension Tensor {
  /// The two-dimensional Fourier transform of real pictures, PyTorch's `rfft2` with norm "ortho"; any sides.
  ///
  /// [N, H, W, C] -> [N, H, W/2 + 1, 2 C]: the real parts of all channels, then the imaginary ones.  C is even.
  public func spectrum() -> Tensor {
    let (height, width, channels) = (dim(1), dim(2), dim(3))
    precondition(shape.count == 4 && channels % 2 == 0, "the spectrum of \(shape)")
    let columns = width / 2 + 1
    let half = channels / 2
    let result = Tensor([dim(0), height, columns, 2 * channels], in: workspace)
    workspace.measured(.fourier) {
      let pairs = copy()
      pairs.transformPairs(inverse: false)
      // z = a + i b of two real pictures: their spectra are its even and odd parts.
      let scale = 0.5 / (Float(height) * Float(width)).squareRoot()
      parallelFor(dim(0) * height) { line in
        let (first, y) = (line / height * height, line % height)
        let mirroredLine = first + (y == 0 ? 0 : height - y)
        for x in 0..<columns {
          let z = pairs.pointer + (line * width + x) * channels
          let mirrored = pairs.pointer + (mirroredLine * width + (x == 0 ? 0 : width - x)) * channels
          let to = result.pointer + (line * columns + x) * 2 * channels
          for c in 0..<half {
            let (re, im) = (z[c] * scale, z[half + c] * scale)
            let (otherRe, otherIm) = (mirrored[c] * scale, mirrored[half + c] * scale)
            to[c] = re + otherRe
            to[half + c] = im + otherIm
            to[channels + c] = im - otherIm
            to[channels + half + c] = otherRe - re
          }
        }
      }
    }
    return result
  }

  /// The pictures of spectra, PyTorch's `irfft2` with norm "ortho": what no real picture's spectrum has is passed over.
  ///
  /// [N, H, W/2 + 1, 2 C], as `spectrum` gives it -> [N, H, W, C]
  public func picture(width: Int) -> Tensor {
    let (height, columns, channels) = (dim(1), dim(2), dim(3) / 2)
    precondition(columns == width / 2 + 1 && dim(3) % 4 == 0, "pictures of width \(width) from \(shape)")
    let half = channels / 2
    let result = Tensor([dim(0), height, width, channels], in: workspace)
    workspace.measured(.fourier) {
      let scale = 1 / (Float(height) * Float(width)).squareRoot()
      parallelFor(dim(0) * height) { line in
        let (first, y) = (line / height * height, line % height)
        let mirroredLine = first + (y == 0 ? 0 : height - y)
        for x in 0..<columns {
          let spectrum = pointer + (line * columns + x) * 2 * channels
          let z = result.pointer + (line * width + x) * channels
          guard x > 0, 2 * x < width else {
            // A column that is its own mirror image: of a real picture its lower half would be the upper's conjugate.
            let other = pointer + (mirroredLine * columns + x) * 2 * channels
            for c in 0..<half {
              let (a, b) = (c, half + c)
              let (aRe, aIm) = (spectrum[a] + other[a], spectrum[channels + a] - other[channels + a])
              let (bRe, bIm) = (spectrum[b] + other[b], spectrum[channels + b] - other[channels + b])
              z[c] = (aRe - bIm) * (0.5 * scale)
              z[half + c] = (aIm + bRe) * (0.5 * scale)
            }
            continue
          }
          let mirrored = result.pointer + (mirroredLine * width + width - x) * channels
          for c in 0..<half {
            let (aRe, aIm) = (spectrum[c] * scale, spectrum[channels + c] * scale)
            let (bRe, bIm) = (spectrum[half + c] * scale, spectrum[channels + half + c] * scale)
            z[c] = aRe - bIm
            z[half + c] = aIm + bRe
            mirrored[c] = aRe + bIm
            mirrored[half + c] = bRe - aIm
          }
        }
      }
      result.transformPairs(inverse: true)
    }
    return result
  }

  /// Both sides' transforms, in place and without a factor, of complex numbers whose real parts are the first half of the
  /// channels.
  private func transformPairs(inverse: Bool) {
    let (height, width, channels) = (dim(1), dim(2), dim(3))
    let half = channels / 2
    let (across, down) = (roots(width), roots(height))
    let (real, imaginary) = inverse ? (half, 0) : (0, half)
    func transform(_ first: UnsafeMutablePointer<Float>, stride: Int, _ roots: [Float], _ scratch: UnsafeMutablePointer<Float>) {
      kernels.fourier(
        first + real, first + imaginary, Int64(stride), Int64(roots.count / 2), Int64(half), roots, scratch)
    }
    let scratch = Int(CKERNELS_FOURIER_SCRATCH) * max(width, height)
    workspace.parallelFor(dim(0) * height, scratch: scratch) { line, scratch in
      transform(pointer + line * width * channels, stride: channels, across, scratch)
    }
    workspace.parallelFor(dim(0) * width, scratch: scratch) { column, scratch in
      let first = pointer + (column / width * height * width + column % width) * channels
      transform(first, stride: width * channels, down, scratch)
    }
  }
}
