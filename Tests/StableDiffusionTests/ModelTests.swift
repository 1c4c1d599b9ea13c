// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics
import Testing
import TestSupport

@testable import StableDiffusion

/// The tiny packs' models against diffusers and transformers.
@Suite struct ModelTests {
  static let packs = ["tiny-sd15", "tiny-sd2"]
  let workspace = Workspace()

  func pack(_ name: String) throws -> OpenedPack { try OpenedPack.open(fixtures + "/packs/" + name) }
  func fixture() throws -> Fixture { try Fixture("models/models.safetensors") }

  @Test(arguments: packs, ["square", "wide", "odd", "single"]) func unet(name: String, size: String) throws {
    let unet = try UNet2DConditionModel(pack(name))
    let reference = try fixture()
    let prefix = "\(name)/unet/\(size)/"
    let context = try reference.tensor(prefix + "context", in: workspace)
    let prepared = unet.prepare((0..<context.dim(0)).map { context[image: $0] })
    let timestep = try reference.tensor(prefix + "timestep", in: workspace).array[0]
    let output = try unet(reference.tensor(prefix + "input", in: workspace), timestep: timestep, prepared)
    #expect(try mismatch(output, reference.tensor(prefix + "output", in: workspace), prefix) == nil)
  }

  /// To find where a difference begins.
  @Test(arguments: packs) func everyBlockOfTheUNet(name: String) throws {
    let unet = try UNet2DConditionModel(pack(name))
    let reference = try fixture()
    let prefix = "\(name)/unet/square/"
    let contexts = try reference.tensor(prefix + "context", in: workspace)
    let timestep = try reference.tensor(prefix + "timestep", in: workspace).array[0]
    func expect(_ result: Tensor, _ block: String) throws {
      #expect(try mismatch(result, reference.tensor(prefix + block, in: workspace), prefix + block) == nil)
    }
    var context = unet.prepare((0..<contexts.dim(0)).map { contexts[image: $0] }).reader
    let time = unet.timeEmbedding(timestep, guidance: nil, in: workspace)
    try expect(time.repeated(contexts.dim(0)), "time_embedding")
    time.siluInPlace()

    var h = try unet.convIn(reference.tensor(prefix + "input", in: workspace))
    try expect(h, "conv_in")
    var first = context
    let resnet = try unet.downBlocks[0].resnets[0](h, time: time)
    try expect(resnet, "down_blocks.0.resnets.0")
    try expect(unet.downBlocks[0].attentions[0](resnet, &first), "down_blocks.0.attentions.0")
    var skips = [h]
    for block in unet.downBlocks { h = try block(h, time: time, &context, skips: &skips) }
    h = try unet.midBlock(h, time: time, &context)
    try expect(h, "mid_block")
    for (index, block) in unet.upBlocks.enumerated() {
      h = try block(h, time: time, &context, skips: &skips)
      try expect(h, "up_blocks.\(index)")
    }
  }

  @Test(arguments: packs, ["square", "wide"]) func autoencoder(name: String, size: String) throws {
    let vae = try AutoencoderKL(pack(name))
    let reference = try fixture()
    let prefix = "\(name)/vae/\(size)/"
    let latents = try vae.encode(reference.tensor(prefix + "image", in: workspace))
    #expect(try mismatch(latents, reference.tensor(prefix + "latents", in: workspace), prefix + "latents") == nil)
    let decoded = try vae.decode(reference.tensor(prefix + "given", in: workspace))
    #expect(try mismatch(decoded, reference.tensor(prefix + "decoded", in: workspace), prefix + "decoded") == nil)
  }

  @Test(arguments: packs, ["long", "short"]) func textEncoder(name: String, length: String) throws {
    let text = try CLIPTextModel(pack(name))
    let reference = try fixture()
    let prefix = "\(name)/text_encoder/\(length)/"
    let tokens = try reference.tensor(prefix + "tokens", in: workspace).array.map { Int32($0) }
    #expect(try mismatch(text(tokens, in: workspace), reference.tensor(prefix + "output", in: workspace), prefix) == nil)
  }

  /// 8: InstructPix2Pix; 5: depth to picture.
  @Test(arguments: [5, 8]) func aUNetThatSeesSomethingElseIsRefusedByItsConfiguration(_ channels: Int) throws {
    let json = try JSON(parsing: #"{"in_channels": \#(channels), "cross_attention_dim": 768}"#, source: "config.json")
    let error = #expect(throws: CheckpointError.self) { try UNetConfiguration(json) }
    #expect(error?.message.hasPrefix("\(channels) input channels, 4 of output; inpainting models have 9") == true)
  }

  @Test(arguments: ["3", "70000", "-1", "1e30", "[256]"]) func aConditionOfNoSizeIsRefused(_ width: String) throws {
    let json = try JSON(parsing: #"{"in_channels": 9, "time_cond_proj_dim": \#(width)}"#, source: "config.json")
    let error = #expect(throws: CheckpointError.self) { try UNetConfiguration(json) }
    #expect(error?.message.contains("time_cond_proj_dim") == true)
  }

  /// Tensors without elements have shapes that no file's size bounds; what follows from them is bounded all the same.
  @Test(arguments: [0, 3, 1 << 40, 1 << 56]) func sizesOfOneFileAreBounded(width: Int) throws {
    let pack = try oneFile([
      "model.diffusion_model.input_blocks.0.0.weight": [width, 9, 0, 0],
      "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": [0, 768],
      "first_stage_model.encoder.conv_in.weight": [128, 3, 0, 0],
      "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": [0, width],
      "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": [77, 0],
      "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight": [0, 0],
    ])
    #expect(throws: CheckpointError.self) { try ModelSummary(pack) }
    #expect(throws: CheckpointError.self) { try CLIPTextModel(pack) }
  }

  /// Its 768 pixels' version predicts velocity, its 512 pixels' noise; an inpainting model's is noise.
  @Test(arguments: [(4, 768, true), (4, 1024, false), (9, 1024, true)])
  func oneFileOfStableDiffusion2SaysWhatItPredictsOrIsRefused(channels: Int, width: Int, isTaken: Bool) throws {
    let pack = try oneFile([
      "model.diffusion_model.input_blocks.0.0.weight": [320, channels, 0, 0],
      "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": [0, width],
    ])
    do {
      #expect(try UNetConfiguration(pack).inChannels == channels && isTaken)
    } catch let error as CheckpointError { #expect(error.message.contains("noise or velocity") && !isTaken) }
  }

  private let folder = TemporaryFolder()

  /// A one-file checkpoint of tensors without elements.
  private func oneFile(_ shapes: [String: [Int]]) throws -> OpenedPack {
    let header = shapes.map { #""\#($0.key)":{"dtype":"F32","shape":\#($0.value),"data_offsets":[0,0]}"# }
    let text = Array("{\(header.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return try OpenedPack.open(folder.write(length + text))
  }

  /// Planning and loading take what the files hold, once, beside a few bytes that tell a file's format.
  @Test(.enabled(if: ThreadIO.bytesRead != nil, "the system does not count what a thread reads"), arguments: packs)
  func planningAndLoadingReadEveryByteOnce(name: String) throws {
    let before = try #require(ThreadIO.bytesRead)
    let pack = try pack(name)
    for part in [UNetConfiguration.part, AutoencoderConfiguration.part, TextEncoderConfiguration.part] {
      for _ in 0..<2 { _ = try (pack.byteCount(part), pack.configuration(part)) }
    }
    _ = try (ModelSummary(pack), UNet2DConditionModel(pack), AutoencoderKL(pack), CLIPTextModel(pack))
    let read = try #require(ThreadIO.bytesRead) - before
    let files = ["unet", "vae", "text_encoder"].flatMap { part in
      ["config.json", part == "text_encoder" ? "model.safetensors" : "diffusion_pytorch_model.safetensors"]
        .map { fileBytes("packs/\(name)/\(part)/\($0)").count }
    }
    let all = files.reduce(0, +)
    #expect(files.allSatisfy { $0 > 500 } && (all...all + 500).contains(read), "\(read) bytes read of \(all)")
  }

  @Test func aCancelledPassStops() throws {
    let vae = try AutoencoderKL(pack("tiny-sd15"))
    let image = Tensor([1, 64, 64, 3], repeating: 0, in: workspace)
    workspace.cancel()
    #expect(throws: Cancelled.self) { try vae.encode(image) }
  }
}

/// What this thread has read, by all means.
private enum ThreadIO {
  /// nil where the system does not count.  The count has its own reading in it, about 100 bytes, from the second time on.
  static var bytesRead: Int? {
    guard let file = fopen("/proc/thread-self/io", "r") else { return nil }
    defer { fclose(file) }
    var bytes = 0
    return withUnsafeMutablePointer(to: &bytes) { pointer in
      withVaList([pointer]) { vfscanf(file, "rchar: %ld", $0) } == 1 ? pointer.pointee : nil
    }
  }
}
