// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Diffusion
import Numerics
import TestSupport
import Testing

@testable import StableDiffusion

/// What a run shows before it is done.
@Suite struct PreviewsTests {
  private let workspace = Workspace()

  private func tensor(_ shape: [Int], _ value: (Int) -> Float) -> Tensor {
    Tensor(shape, (0..<shape.reduce(1, *)).map(value), in: workspace)
  }

  @Test func theMapIsTheOneThatTheSamplesWereMadeBy() {
    let x = tensor([1, 6, 5, 3]) { Float(($0 * 7919) % 31) / 31 - 0.5 }
    let y = Tensor([1, 6, 5, 2], (0..<30).flatMap { sample in
      let values = x.array[3 * sample..<3 * sample + 3].map { $0 }
      return [2 * values[0] - values[2] + 0.25, values[1] - 0.5]
    }, in: workspace)
    let mapped = LinearMap(from: x, to: y)(x)
    #expect(zip(mapped.array, y.array).allSatisfy { abs($0 - $1) < 0.01 })
  }

  @Test func samplesThatSayNothingGiveNumbers() {
    let (x, y) = (tensor([1, 2, 2, 4]) { _ in 3 }, tensor([1, 2, 2, 3]) { _ in 0.5 })
    #expect(LinearMap(from: x, to: y)(x).array.allSatisfy { abs($0 - 0.5) < 0.01 })
  }

  /// Of the picture alone; the largest is 256 pixels.
  @Test(arguments: [false, true]) func aPreviewShowsTheHoleByTheLatentsAndElseThePicture(decodes: Bool) throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    let (height, width) = decodes ? (320, 512) : (64, 96)
    let image = tensor([1, height, width, 3]) { Float($0 % 11) / 11 - 0.5 }
    let mask = tensor([1, height, width, 1]) { $0 % width < width / 2 ? 1 : 0 }
    let latents = tensor([1, height / 8, width / 8, 4]) { Float($0 % 13) / 13 - 0.5 }
    let previews: Previews = decodes ? .decoded(try AutoencoderTiny(pack)) : .cells
    let preview = try #require(previews.painter(image, mask: mask, latents: latents))
    let (one, other) = (try preview(latents), try preview(tensor(latents.shape) { Float($0 % 5) }))
    #expect([one.height, one.width] == (decodes ? [160, 256] : [8, 12]))
    let known = resizeArea(image, height: one.height, width: one.width).array.map { $0 / 2 + 0.5 }
    for index in known.indices where (index / 3) % one.width >= one.width / 2 {
      guard abs(one.colors[index] - known[index]) < 1e-5, one.colors[index] == other.colors[index] else {
        Issue.record("the known part is another one at \(index)")
        break
      }
    }
    let isSame = one.colors == other.colors
    #expect(!isSame && one.colors.allSatisfy { (0...1).contains($0) })
    #expect(Previews.none.painter(image, mask: mask, latents: latents) == nil)
  }
}
