// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import Properties
import TestSupport
import Testing

@testable import Engine

/// What a request leaves open is its LoRA's, then the pack's, then the model's, then the operation's.
@Suite struct DiffusionSettingsTests {
  private let folder = TemporaryFolder()

  private func settings(
    _ pack: String = "tiny-sd15", _ operation: Operation = .sdInpaint, recommended: String? = nil,
    _ change: (inout Request) -> Void = { _ in }
  ) throws -> DiffusionSettings {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/" + pack + "/" + part, "pack/" + part)
    }
    if let recommended { folder.write(recommended, "pack/recommended.json") }
    var request = Request(operation)
    request.prompt = "grass"
    change(&request)
    return try DiffusionSettings(request, #require(DiffusionTask(operation)), OpenedPack.open(folder.path + "/pack"))
  }

  struct Name: CustomTestStringConvertible {
    let path: String
    var steps = 20
    var sampler = SamplerKind.dpmpp2M
    var guidance: Double? = 7.5
    var eta: Double?
    var spacing = Spacing.auto
    /// What of the name the note says.
    var word: String?
    var testDescription: String { path }

    static func hyper(_ path: String, _ steps: Int, guidance: Double? = nil) -> Self {
      Self(path: path, steps: steps, sampler: .ddim, guidance: guidance, spacing: .trailing, word: "hyper")
    }
  }

  static let names = [
    Name(path: "/a/lcm-lora-sdv1-5.safetensors", steps: 4, sampler: .lcm, guidance: nil, word: "lcm"),
    Name(path: "/a/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors", steps: 4, sampler: .lcm, guidance: nil, word: "lcm"),
    Name(path: "LCM_LoRA.safetensors", steps: 4, sampler: .lcm, guidance: nil, word: "lcm"),
    Name(path: "/a/TCD-SD15-LoRA/pytorch_lora_weights.safetensors", steps: 4, sampler: .tcd, guidance: nil, word: "tcd"),
    Name(path: "/lcm/tcd.safetensors", steps: 4, sampler: .tcd, guidance: nil, word: "tcd"),
    .hyper("/a/Hyper-SD15-4steps-lora.safetensors", 4), .hyper("/a/Hyper-SD15-8steps-CFG-lora.safetensors", 8, guidance: 7.5),
    .hyper("/a/hyper_sd_2_step/lora.safetensors", 2),
    Name(path: "/a/Hyper-SD15-1step-lora.safetensors", steps: 1, sampler: .tcd, guidance: nil, eta: 1, word: "hyper"),
    Name(path: "/a/style.safetensors"), Name(path: "/lcm/loras/style.safetensors"), Name(path: "/a/hyperreal.safetensors"),
    Name(path: "/a/hyper-99999999999999999999steps.safetensors"), Name(path: ""),
  ]

  @Test(arguments: names) func aLoRAIsKnownByItsName(_ name: Name) throws {
    let settings = try settings { $0.lora = name.path }
    #expect(settings.steps == name.steps && settings.sampler == name.sampler && settings.guidance?.scale == name.guidance)
    #expect(settings.eta == name.eta && settings.spacing == name.spacing)
    let note = settings.note
    #expect(name.word.map { note?.contains("steps=\(name.steps)") == true && note?.contains("\"\($0)\"") == true } ?? (note == nil))
  }

  @Test func whatTheRequestSaysWins() throws {
    let settings = try settings {
      $0.lora = "/a/Hyper-SD15-4steps-lora.safetensors"
      ($0.steps, $0.sampler, $0.guidance, $0.eta, $0.spacing) = (7, .kind(.euler), 3, 0.25, .linspace)
    }
    #expect(settings.steps == 7 && settings.sampler == .euler && settings.guidance?.scale == 3 && settings.note == nil)
    #expect(settings.eta == 0.25 && settings.spacing == .linspace)
  }

  @Test func aLoRAThatDoesNotCountSaysNothing() throws {
    let settings = try settings { ($0.lora, $0.loraScale) = ("/a/lcm.safetensors", 0) }
    #expect(settings.steps == 20 && settings.sampler == .dpmpp2M && settings.note == nil)
  }

  @Test func theFileBesideALoRAComesBeforeItsNameAndThatBeforeThePack() throws {
    let pack = #"{"operations": {"inpaint:sd-inpaint": {"steps": 12, "sampler": "pndm", "eta": 0.5, "spacing": "linspace"}}}"#
    #expect(try settings(recommended: pack).sampler == .pndm)
    folder.write(#"{"operations": {"inpaint:sd-inpaint": {"steps": 6, "guidance": 2}}}"#, "my.lcm.json")
    let settings = try settings { $0.lora = folder.path + "/my.lcm.safetensors" }
    #expect(settings.steps == 6 && settings.guidance?.scale == 2 && settings.sampler == .lcm)
    #expect(settings.eta == 0.5 && settings.spacing == .linspace)
    let note = try #require(settings.note)
    #expect(note.contains("guidance=2.0 steps=6: as \(folder.path)/my.lcm.json says; sampler=lcm: "), "\(note)")
  }

  /// As other programs write them.
  @Test(arguments: [#"{"description": "a style", "activation text": "grass"}"#, "{}"])
  func anotherProgramsFileBesideALoRASaysNothing(_ text: String) throws {
    folder.write(text, "style.json")
    let settings = try settings { $0.lora = folder.path + "/style.safetensors" }
    #expect(settings.steps == 20 && settings.note == nil)
  }

  @Test(arguments: ["{", "[]", #"{"operations": {"inpaint:sd-inpaint": {"steps": 999}}}"#])
  func aDamagedFileBesideALoRAIsNamed(_ text: String) throws {
    folder.write(text, "style.json")
    let error = #expect(throws: (any Error).self) { try settings { $0.lora = folder.path + "/style.safetensors" } }
    #expect(try "\(#require(error))".hasPrefix(folder.path + "/style.json"))
  }

  @Test func aLatentConsistencyModelIsToldItsGuidance() throws {
    let own = try settings("tiny-lcm")
    #expect(own.steps == 4 && own.sampler == .lcm && own.guidance == nil && own.embeddedGuidance == 8.5)
    #expect(try #require(own.note).contains("guidance=8.5 steps=4 sampler=lcm"))
    let told = try settings("tiny-lcm") { ($0.guidance, $0.steps, $0.sampler) = (3, 9, .kind(.euler)) }
    #expect(told.embeddedGuidance == 3 && told.guidance == nil && told.steps == 9 && told.sampler == .euler)
    #expect(told.note == nil)
  }

  @Test func aPackMayRecommendToRefine() throws {
    let pack = #"{"operations": {"inpaint:sd-inpaint": {"detail": "refine"}, "inpaint:seele-harmonize": {"detail": "refine"}}}"#
    #expect(try settings(recommended: pack).detail == .refined)
    #expect(try settings(recommended: pack) { $0.detail = .model }.detail == .model)
    #expect(try settings("tiny-sd15", .seeleHarmonize, recommended: pack).detail == .model)
  }

  /// Harmonizing asks once for each level of noise.
  @Test func fewStepsAreNotForHarmonizing() throws {
    #expect(try settings("tiny-sd15", .seeleHarmonize) { $0.lora = "/a/lcm.safetensors" }.steps == 20)
    #expect(try settings("tiny-lcm", .seeleHarmonize).steps == 20)
  }

  @Test func whatIsCutOffAPromptIsNoted() throws {
    let long = [String](repeating: "grass", count: 76).joined(separator: " ")
    #expect(try settings { $0.prompt = long }.note?.contains("has 76 tokens, of which the model reads the first 75") == true)
    #expect(try settings { $0.negativePrompt = long }.note?.hasPrefix("negative-prompt: ") == true)
    #expect(try settings { $0.prompt = String(long.dropFirst(6)) }.note == nil)
  }

  @Test(arguments: ["a (red:1.3) flower", "grass <lora:style:1>", "grass BREAK sky"])
  func syntaxThatOtherProgramsReadIsNoted(_ prompt: String) throws {
    #expect(try settings { $0.prompt = prompt }.note?.contains("are read as letters") == true)
  }

  @Test(arguments: ["a (red) flower: 1.3", "BREAKING news", "the lora:1"]) func plainTextIsNot(_ prompt: String) throws {
    #expect(try settings { $0.prompt = prompt }.note == nil)
  }

  @Test func guidanceHasToBeginBeforeItEnds() throws {
    #expect(try settings { ($0.guidance, $0.guidanceTo) = (1, 0) }.note == nil)
    let between = try settings { $0.guidanceFrom = 0.41; $0.guidanceTo = 0.44 }.note
    #expect(between?.contains("none of the 20 steps is guided") == true)
    for (from, to) in [(0.5, 0.5), (0.8, 0.2), (1, 1)] {
      #expect(throws: InpaintingError.self) {
        _ = try settings {
          $0.guidanceFrom = from
          $0.guidanceTo = to
        }
      }
    }
    #expect(try settings { $0.guidanceTo = 0.5 }.guidedPart == 0..<0.5)
  }

  @Test func aSoftMaskTakesTheModelsOwnDetailUnlessToldOtherwise() throws {
    let recommended = #"{"operations": {"inpaint:sd-inpaint": {"detail": "surroundings"}}}"#
    func detail(_ change: (inout Request) -> Void) throws -> DetailSource { try settings(recommended: recommended, change).detail }
    #expect(try detail { _ in } == .surroundings)
    #expect(try detail { $0.maskStrength = .soft } == .model)
    let told = try detail {
      $0.maskStrength = .soft
      $0.detail = .surroundings
    }
    #expect(told == .surroundings)
  }
}
