// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// A change of the whole picture's frequencies (Chi et al. 2020, "Fourier unit"): irfft(f(rfft(x) W^T + b)).
/// x: [1, h, w, C] -> the same shape
struct FourierUnit {
  private let convolution: FilterBank

  /// The file has real and imaginary parts of a channel side by side; here all real parts come first.
  init(_ builder: ModelBuilder, channels: Int) throws {
    let order = (0..<channels).map { 2 * $0 } + (0..<channels).map { 2 * $0 + 1 }
    let filters = try Filters(builder["conv_layer"], in: 2 * channels, out: 2 * channels)
    let norm = try BatchNorm(builder["bn"], channels: 2 * channels)
    convolution = try FilterBank(
      filters.ordered(outputs: order, inputs: order), norm: norm.channels(order), activation: .relu)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { convolution(x.spectrum()).picture(width: x.dim(2)) }
}

/// From global channels to global channels.  x: [1, h, w, C] -> [1, h, w, C]
struct SpectralTransform {
  private let reduce: FilterBank  // conv1
  private let unit: FourierUnit  // fu
  private let expand: FilterBank  // conv2

  /// norm: of what the result is added to.
  init(_ builder: ModelBuilder, channels: Int, norm: BatchNorm) throws {
    let half = channels / 2
    reduce = try FilterBank(
      Filters(builder["conv1"][0], in: channels, out: half), norm: BatchNorm(builder["conv1"][1], channels: half),
      activation: .relu)
    unit = try FourierUnit(builder["fu"], channels: half)
    expand = try FilterBank(Filters(builder["conv2"], in: half, out: channels).scaled(by: norm))
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let reduced = reduce(x)  // [1, h, w, C/2]
    let changed = unit(reduced)
    changed.addInPlace(reduced)
    return expand(changed)
  }
}

/// A fast Fourier convolution with batch norms and ReLU (Chi et al. 2020): local channels see 3x3 pixels, global ones the
/// whole picture, and each adds to the other.
/// local: [1, h, w, L], global: [1, h, w, G] -> the same shapes
struct FourierConvolution {
  private let toLocal: FilterBank  // convl2l and convg2l in one
  private let toGlobal: FilterBank  // convl2g
  private let spectral: SpectralTransform  // convg2g

  init(_ builder: ModelBuilder, local: Int, global: Int) throws {
    let branches = builder["ffc"]
    let localNorm = try BatchNorm(builder["bn_l"], channels: local)
    let globalNorm = try BatchNorm(builder["bn_g"], channels: global)
    let fromLocal = try Filters(branches["convl2l"], in: local, out: local, kernel: 3)
    let fromGlobal = try Filters(branches["convg2l"], in: global, out: local, kernel: 3)
    toLocal = try FilterBank(fromLocal.beside(fromGlobal), norm: localNorm, activation: .relu)
    toGlobal = try FilterBank(
      Filters(branches["convl2g"], in: local, out: global, kernel: 3), norm: globalNorm, activation: .relu)
    spectral = try SpectralTransform(branches["convg2g"], channels: global, norm: globalNorm)
  }

  func callAsFunction(_ x: (local: Tensor, global: Tensor)) -> (local: Tensor, global: Tensor) {
    (toLocal(Features(x.local, x.global)), toGlobal(x.local, adding: spectral(x.global)))
  }
}

/// x + conv2(conv1(x))
struct FourierBlock {
  private let conv1: FourierConvolution
  private let conv2: FourierConvolution

  init(_ builder: ModelBuilder, local: Int, global: Int) throws {
    conv1 = try FourierConvolution(builder["conv1"], local: local, global: global)
    conv2 = try FourierConvolution(builder["conv2"], local: local, global: global)
  }

  func callAsFunction(_ x: (local: Tensor, global: Tensor)) -> (local: Tensor, global: Tensor) {
    let result = conv2(conv1(x))
    result.local.addInPlace(x.local)
    result.global.addInPlace(x.global)
    return result
  }
}
