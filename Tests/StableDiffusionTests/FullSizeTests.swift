// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics
import Testing
import TestSupport

@testable import StableDiffusion

private let folder = getenv("GEGL_INPAINT_FULL_SIZE").map { String(cString: $0) }

/// The full-size models against PyTorch, on the folder that Tests/reference/full_size.py wrote.
@Suite(
  .enabled(if: folder != nil, "GEGL_INPAINT_FULL_SIZE names no folder of Tests/reference/full_size.py"),
  .serialized)
struct FullSizeTests {
  let workspace = Workspace()

  func pack() throws -> OpenedPack { try OpenedPack.open(#require(folder) + "/model") }
  func reference() throws -> Fixture { try Fixture(absolute: #require(folder) + "/reference.safetensors") }

  /// Fails beyond the limit, and says what was measured either way.
  func compare(_ result: Tensor, _ name: String, _ seconds: Duration) throws {
    let expected = try reference().tensor(name, in: workspace)
    print("\(name): relative RMS \(relativeDifference(result.array, expected.array)), \(seconds), "
        + "workspace \(workspace.peakBytes >> 20) MB")
    #expect(mismatch(result, expected, name) == nil)
  }

  @Test func unet() throws {
    let unet = try UNet2DConditionModel(pack())
    let context = try reference().tensor("unet/context", in: workspace)
    let input = try reference().tensor("unet/input", in: workspace)
    let prepared = unet.prepare((0..<2).map { context[image: $0] })
    _ = try unet(input, timestep: 501, prepared)
    let allocations = workspace.largeAllocations
    var output: Tensor?
    let time = try ContinuousClock().measure { output = try unet(input, timestep: 501, prepared) }
    #expect(workspace.largeAllocations - allocations <= 1, "blocks allocated in a second pass, beside its result")
    try compare(#require(output), "unet/output", time)
  }

  @Test func autoencoder() throws {
    let vae = try AutoencoderKL(pack())
    let image = try reference().tensor("vae/image", in: workspace)
    let given = try reference().tensor("vae/given", in: workspace)
    var result: Tensor?
    let encoding = try ContinuousClock().measure { result = try vae.encode(image) }
    try compare(#require(result), "vae/latents", encoding)
    let decoding = try ContinuousClock().measure { result = try vae.decode(given) }
    try compare(#require(result), "vae/decoded", decoding)
  }

  @Test func textEncoder() throws {
    let text = try CLIPTextModel(pack())
    let tokens = try reference().tensor("text_encoder/tokens", in: workspace).array.map { Int32($0) }
    var result: Tensor?
    let time = try ContinuousClock().measure { result = try text(tokens, in: workspace) }
    try compare(#require(result), "text_encoder/output", time)
  }
}
