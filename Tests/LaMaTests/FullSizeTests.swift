// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Numerics
import TestSupport
import Testing

@testable import LaMa

private let folder = getenv("GEGL_INPAINT_FULL_SIZE").map { String(cString: $0) }
  .flatMap { access($0 + "/lama.safetensors", R_OK) == 0 ? $0 : nil }

/// big-LaMa against PyTorch, on the folder that Tests/reference/full_size_lama.py wrote.
@Suite(.enabled(if: folder != nil, "GEGL_INPAINT_FULL_SIZE names no folder of Tests/reference/full_size_lama.py"))
struct FullSizeTests {
  @Test func aWholePass() throws {
    let folder = try #require(folder)
    let generator = try LaMaGenerator(OpenedPack.open(folder + "/lama.safetensors"))
    let reference = try Fixture(absolute: folder + "/lama-reference.safetensors")
    let profile = Profile()
    let workspace = Workspace(profile: profile)
    let pixels = try reference.shape("mask").reduce(1, *)
    let planned = generator.configuration.activationBytes(pixels: pixels)
    try workspace.reserve(planned)
    let image = try reference.tensor("image", in: workspace)
    let mask = try reference.tensor("mask", in: workspace)
    var result: Tensor?
    _ = try generator(image, mask: mask) { _ in }
    let before = profile.entries
    let time = try ContinuousClock().measure { result = try generator(image, mask: mask) { _ in } }
    let expected = try reference.tensor("output", in: workspace)
    let shares = profile.entries.map { ($0.key.rawValue, $0.value.seconds - (before[$0.key]?.seconds ?? 0)) }
    let output = try #require(result)
    print("LaMa: relative RMS \(relativeDifference(output.array, expected.array)), \(time), workspace "
        + "\(workspace.peakBytes >> 20) MB of \(planned >> 20) planned, \(shares.map { "\($0.0) \($0.1) s" }.joined(separator: ", "))")
    #expect(mismatch(output, expected, "big-LaMa") == nil)
  }
}
