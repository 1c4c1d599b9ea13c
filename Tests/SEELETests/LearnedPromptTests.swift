// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Numerics
import StableDiffusion
import Testing
import TestSupport

@testable import SEELE

/// Learned prompts against transformers: Tests/fixtures/prompts.
@Suite struct LearnedPromptTests {
  let workspace = Workspace()

  func encoder(_ pack: String) throws -> PromptEncoder { try PromptEncoder(OpenedPack.open(fixtures + "/packs/" + pack)) }
  func prompt(_ file: String) throws -> LearnedPrompt { try LearnedPrompt(fixtures + "/prompts/" + file) }

  @Test(arguments: [
    ("tiny-sd15/context.safetensors", "tiny-sd15", "context", .context, 6),
    ("tiny-sd2/context.safetensors", "tiny-sd2", "context", .context, 6),
    ("tiny-sd15/learned_embeds.safetensors", "tiny-sd15", "learned_embeds", .tokenEmbeddings, 3),
    ("tiny-sd15/learned_embeds.bin", "tiny-sd15", "learned_embeds", .tokenEmbeddings, 3),
    ("tiny-sd2/learned_embeds.safetensors", "tiny-sd2", "learned_embeds", .tokenEmbeddings, 3),
    ("leftrefill.ckpt", "tiny-sd2", "leftrefill", .leftRefillTokens, 5),
  ] as [(String, String, String, LearnedPrompt.Kind, Int)])
  func contextsAreTransformers(file: String, pack: String, name: String, kind: LearnedPrompt.Kind, count: Int) throws {
    let prompt = try prompt(file)
    #expect(prompt.kind == kind && prompt.count == count)
    let expected = try Fixture("prompts/expected.safetensors").tensor(pack + "/" + name, in: workspace)
    #expect(try mismatch(prompt.context(encoder(pack), in: workspace), expected, file) == nil)
  }

  @Test func aPromptOfAnotherModelNamesBothWidths() throws {
    for file in ["tiny-sd15/context.safetensors", "tiny-sd15/learned_embeds.bin"] {
      let prompt = try prompt(file)
      let error = try #require(throws: CheckpointError.self) { try prompt.context(encoder("tiny-sd2"), in: workspace) }
      #expect(error.message.contains("24 wide") && error.message.contains("20 wide"), "\(error.message)")
    }
  }

  @Test func whatIsNoPromptIsRefusedByName() throws {
    let model = #expect(throws: CheckpointError.self) { try LearnedPrompt(fixtures + "/lora/kohya.safetensors") }
    #expect(model?.message.contains("a learned prompt is one tensor") == true)
  }

  /// cloneofsimo's files have learned tokens beside the LoRA.
  @Test func tokensBesideALoRAAreRead() throws {
    let prompt = try LearnedPrompt(fixtures + "/lora/numbered.safetensors")
    #expect(prompt.kind == .tokenEmbeddings && prompt.count == 1 && prompt.width == 24)
  }

  @Test(.enabled(if: thirdParty("leftrefill_prompt.ckpt") != nil, "leftrefill_prompt.ckpt is not in ../shared/fixtures"))
  func leftRefillsOwnPromptIsRead() throws {
    let prompt = try LearnedPrompt(#require(thirdParty("leftrefill_prompt.ckpt")))
    #expect(prompt.kind == .leftRefillTokens && prompt.count == 50 && prompt.width == 1024)
  }
}
