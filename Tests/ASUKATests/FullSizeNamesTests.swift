// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import StableDiffusion
import Testing
import TestSupport

@testable import ASUKA

/// Every name and shape of the models' full sizes, as PyTorch has them, with zeros for weights.
@Suite(.serialized) struct FullSizeNamesTests {
  typealias Names = [(name: String, shape: [Int])]
  let folder = TemporaryFolder()

  /// From Tests/fixtures/asuka/full-size.tsv.
  func names(_ model: String) -> Names {
    String(decoding: fileBytes("asuka/full-size.tsv"), as: UTF8.self).split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      return cells[0] == model ? (String(cells[1]), cells[2].split(separator: ",").compactMap { Int($0) }) : nil
    }
  }

  func count(_ names: Names, where isCounted: (String) -> Bool) -> Int {
    names.filter { isCounted($0.name) }.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  /// A file with a hole where the zeros are; positions as they must be.
  func weights(_ names: Names) throws -> Weights {
    var header: [String] = []
    var positions: [(offset: Int, values: [Float])] = []
    var size = 0
    for (name, shape) in names {
      let (start, count) = (size, shape.reduce(1, *))
      let isTable = name.hasSuffix("pos_embed")
      size += count * (isTable ? 4 : 2)
      header.append(
        "\"\(name)\":{\"dtype\":\"\(isTable ? "F32" : "F16")\",\"shape\":\(shape),\"data_offsets\":[\(start),\(size)]}")
      if isTable { positions.append((start, sineCosinePositions(grid: 16, width: shape[2]))) }
    }
    let text = Array("{\(header.joined(separator: ","))}".utf8)
    let path = folder.write((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text)
    try #require(truncate(path, off_t(8 + text.count + size)) == 0)
    let file = try #require(fopen(path, "r+"))
    for (offset, values) in positions {
      fseek(file, 8 + text.count + offset, SEEK_SET)
      fwrite(values, 4, values.count, file)
    }
    fclose(file)
    return try Weights(file: path)
  }

  @Test func maskedAutoencoder() throws {
    let names = names("mae")
    let configuration = MaskedAutoencoderConfiguration()
    let weights = try weights(names)
    #expect(try MaskedAutoencoderConfiguration(inferredFrom: weights) == configuration)
    _ = try MaskedAutoencoder(weights, configuration)

    func isFineTuned(_ name: String) -> Bool { name == "alpha" || name.hasPrefix("decoder_patch_embed.") }
    func isDecoder(_ name: String) -> Bool { name == "mask_token" || name.hasPrefix("decoder_") && !isFineTuned(name) }
    func isPreview(_ name: String) -> Bool {
      ["decoder_blocks.6.", "decoder_blocks.7.", "decoder_norm.", "decoder_pred."].contains(where: name.hasPrefix)
    }
    #expect(count(names) { !isDecoder($0) && !isFineTuned($0) } == 85_843_200)
    #expect(count(names, where: isDecoder) == 26_139_392)
    #expect(count(names, where: isFineTuned) == 524_801)
    #expect(count(names) { !isPreview($0) } == 105_807_617)
    // The class of the public checkpoints.
    _ = try MaskedAutoencoder(self.weights(names.filter { !isFineTuned($0.name) }), configuration)
  }

  @Test func metasMaskedAutoencoderIsRefused() throws {
    let weights = try weights(names("mae") + [("cls_token", [1, 1, 768])])
    #expect(refusal { _ = try MaskedAutoencoderConfiguration(inferredFrom: weights) }.contains("with a class token"))
  }

  @Test func alignmentModule() throws {
    let names = names("alignment")
    let weights = try weights(names)
    #expect(try AlignmentConfiguration(inferredFrom: weights) == AlignmentConfiguration())
    _ = try AlignmentModule(weights, AlignmentConfiguration())
    #expect(count(names) { _ in true } == 28_732_160)
    let unused: Names = (1...4).flatMap {
      [("\($0).modulation.lin.weight", [2304, 768]), ("\($0).modulation.lin.bias", [2304])] as Names
    }
    #expect(count(unused) { _ in true } == 7_087_104)
    #expect(try refusal { _ = try AlignmentModule(self.weights(names + unused), AlignmentConfiguration()) }
      .contains("made to be averaged to one vector in place of CLIP's"))
  }

  @Test func harmonizingDecoder() throws {
    let names = names("harmonizing_decoder")
    let weights = try weights(names)
    #expect(try HarmonizingDecoderConfiguration(inferredFrom: weights) == HarmonizingDecoderConfiguration())
    _ = try HarmonizingDecoder(weights, HarmonizingDecoderConfiguration())
    func isCondition(_ name: String) -> Bool { name.contains("condition_encoder") }
    #expect(count(names, where: isCondition) == 10_787_200)
    #expect(count(names) { !isCondition($0) && $0.hasPrefix("decoder.") } == 49_490_179)
  }

  /// Asymmetric VQGAN's larger decoder.
  @Test func asymmetricDecoder() throws {
    let names = names("asymmetric-1.5x")
    let weights = try weights(names)
    let configuration = try HarmonizingDecoderConfiguration(inferredFrom: weights)
    #expect(configuration.autoencoder.blockOutChannels == [192, 384, 768, 768])
    #expect(configuration.conditionChannels == 3 && configuration.maskResampling == .nearest)
    _ = try HarmonizingDecoder(weights, configuration)
    #expect(count(names) { !$0.contains("condition_encoder") && $0.hasPrefix("decoder.") } == 135_872_259)
  }
}
