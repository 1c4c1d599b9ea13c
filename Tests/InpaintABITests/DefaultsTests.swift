// SPDX-License-Identifier: LGPL-3.0-or-later
import Properties
import TestSupport
import Testing

@testable import InpaintABI

/// What a request leaves open.
@Suite struct DefaultsTests {
  private let folder = TemporaryFolder()

  @Test func guidanceIsThePropertysThenThePacksThenTheOperations() throws {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/tiny-sd15/" + part, part)
    }
    folder.write(#"{"operations": {"inpaint:sd-inpaint": {"guidance": 3}}}"#, "recommended.json")
    func filled(_ model: String, _ guidance: Double) throws -> [Float] {
      try TinyRun(TinyRun.request { ($0.model, $0.guidance, $0.prompt) = (model, guidance, "grass") }).after
    }
    let plain = fixtures + "/packs/tiny-sd15"
    #expect(try filled(folder.path, 0) == filled(plain, 3))
    #expect(try filled(plain, 0) == filled(plain, 7.5))
    #expect(try filled(folder.path, 7.5) == filled(plain, 7.5))
  }

  @Test func stepsAreThePropertysThenThePacksThenTwenty() throws {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/tiny-sd15/" + part, part)
    }
    folder.write(#"{"operations": {"inpaint:sd-inpaint": {"steps": 3}}}"#, "recommended.json")
    func filled(_ model: String, _ steps: Int) throws -> [Float] {
      try TinyRun(TinyRun.request { ($0.model, $0.steps) = (model, steps) }).after
    }
    let plain = fixtures + "/packs/tiny-sd15"
    #expect(try filled(folder.path, 0) == filled(plain, 3))
    #expect(try filled(plain, 0) == filled(plain, 20))
    #expect(try filled(folder.path, 5) == filled(plain, 5))
  }
}
