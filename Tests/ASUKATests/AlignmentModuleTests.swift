// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Testing
import TestSupport

@testable import ASUKA
import Layers
@testable import Numerics

/// The alignment module against PyTorch.
@Suite struct AlignmentModuleTests {
  /// Four self-attentions, four cross-attentions, one self-attention, none.
  static let variants = ["fine-tuned", "base", "single", "linear"]

  @Test(arguments: variants) func context(name: String) throws {
    let context = try AlignmentModule(pack(name))(reference("alignment/\(name)/features"))
    #expect(try mismatch(context, reference("alignment/\(name)/context"), name) == nil)
  }

  @Test(arguments: variants) func imagesDoNotMix(name: String) throws {
    let module = try AlignmentModule(pack(name))
    let single = try reference("alignment/\(name)/features")
    let both = Tensor([2] + single.shape.dropFirst(), repeating: 0.25, in: workspace)
    both[image: 1].pointer.update(from: single.pointer, count: single.count)
    let result = try module(both)[image: 1]
    #expect(try mismatch(result, reference("alignment/\(name)/context"), name) == nil)
  }

  @Test func whatWasTrainedForFLUXIsRefused() throws {
    let message = refusal { _ = try AlignmentModule(pack("flux")) }
    #expect(message.contains("ASUKA for FLUX (it has modulation.lin), whose context of width 16 is in place of T5's"))
    #expect(message.hasSuffix("use one that was trained with Stable Diffusion"))
  }

  @Test(arguments: variants) func theConfigurationFollowsFromTheTensors(name: String) throws {
    var given = try AlignmentModule(pack(name)).configuration
    if name == "linear" { given.heads = 1 }  // of no consequence
    #expect(try AlignmentConfiguration(inferredFrom: pack(name).weights(AlignmentConfiguration.part)) == given)
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let weights = try pack("fine-tuned").weights(AlignmentConfiguration.part)
    var configuration = try AlignmentModule(pack("fine-tuned")).configuration
    configuration.depth = 3
    #expect(refusal { _ = try AlignmentModule(weights, configuration) }.contains("tensor 4.weight [16] is missing"))
    configuration.depth = 4
    configuration.heads = 4
    #expect(refusal { _ = try AlignmentModule(weights, configuration) }
      .contains("tensor 1.norm.query_norm.scale has shape [8], expected [4]"))
    configuration.heads = 2
    configuration.attention = .cross
    #expect(refusal { _ = try AlignmentModule(weights, configuration) }
      .contains("tensor queries [1, 256, 16] is missing"))
  }

  @Test(arguments: [
    ("{\"attention\": \"none\"}", "\"attention\" \"none\" is not supported; there are self and cross"),
    ("{\"hidden_size\": 100}", "\"hidden_size\" cannot be split into num_attention_heads heads"),
    ("{\"num_hidden_layers\": -1}", "a size is out of range"),
    ("{\"num_queries\": 1000000}", "a size is out of range"),
    ("{\"hidden_size\": \"wide\"}", "\"hidden_size\" has an unexpected value"),
  ])
  func aConfigurationThatCannotBeIsRefused(json: String, reason: String) throws {
    let json = try JSON(parsing: json, source: "config.json")
    #expect(refusal { _ = try AlignmentConfiguration(json) } == reason)
  }
}
