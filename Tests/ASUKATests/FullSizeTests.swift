// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics
import Testing
import TestSupport

@testable import ASUKA

private let folder = getenv("GEGL_INPAINT_FULL_SIZE").map { String(cString: $0) }

/// The full-size models against PyTorch, on the folder that Tests/reference/full_size_asuka.py wrote.
@Suite(
  .enabled(if: folder != nil, "GEGL_INPAINT_FULL_SIZE names no folder of Tests/reference/full_size_asuka.py"),
  .serialized)
struct FullSizeTests {
  let workspace = Workspace()

  func pack() throws -> OpenedPack { try OpenedPack.open(#require(folder) + "/model") }
  func reference(_ name: String) throws -> Tensor {
    try Fixture(absolute: #require(folder) + "/asuka.safetensors").tensor(name, in: workspace)
  }

  /// Fails beyond the limit, and says what was measured either way.
  func compare(_ name: String, _ run: () throws -> Tensor) throws {
    _ = try run()
    var result: Tensor?
    let time = try ContinuousClock().measure { result = try run() }
    let (found, expected) = (try #require(result), try reference(name))
    print("\(name): relative RMS \(relativeDifference(found.array, expected.array)), \(time), "
        + "workspace \(workspace.peakBytes >> 20) MB")
    #expect(mismatch(found, expected, name) == nil)
  }

  @Test func maskedAutoencoder() throws {
    let model = try MaskedAutoencoder(pack())
    let (image, mask) = try (reference("image"), reference("mask"))
    try compare("features") { try model.features(MaskedInput(image, mask: mask, side: 256)) }
  }

  @Test func alignmentModule() throws {
    let model = try AlignmentModule(pack())
    let features = try reference("features")
    try compare("context") { try model(features) }
  }

  @Test func harmonizingDecoder() throws {
    let model = try HarmonizingDecoder(pack())
    let (latents, image, mask) = try (reference("latents"), reference("image"), reference("mask"))
    let time = try ContinuousClock().measure { _ = try model.decoder(latents) }
    let plain = workspace.peakBytes
    print("decoder without condition: \(time), workspace \(plain >> 20) MB")
    try compare("picture") { try model.decode(latents, image: image, mask: mask) }
    #expect(Double(workspace.peakBytes) < 1.1 * Double(plain), "the condition's features take memory of their own")
  }
}
