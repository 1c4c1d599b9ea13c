// SPDX-License-Identifier: LGPL-3.0-or-later
import Properties
import TestSupport
import Testing

@testable import Engine

/// Who carries a removal out.
@Suite struct RemovalMethodTests {
  private let home = TemporaryFolder()
  private let pack = fixtures + "/packs/tiny-sd15"
  private let lama = fixtures + "/lama/plain.safetensors"

  private func carriedOut(_ environment: [String: String], _ settings: [String: String] = [:]) throws -> (Request, note: String?) {
    var request = Request(.seeleRemove)
    for (name, value) in settings { try request.set(name, value) }
    return request.carriedOut {
      let all = ["HOME": home.path].merging(environment) { $1 }
      return ModelSearch(Session.family(of: $0)!.shelf, environment: { all[$0] }, ownFolder: nil)
    }
  }

  /// A pack with a learned prompt for removing.
  private func packWithPrompt() -> String {
    home.link(pack + "/unet", "seele/unet")
    home.link(pack + "/model_index.json", "seele/model_index.json")
    home.write("", "seele/task_prompts/remove.safetensors")
    return home.path + "/seele"
  }

  @Test func aModelWithoutAPromptLeavesItToLaMaWhereOneIsFound() throws {
    let (request, note) = try carriedOut(["GEGL_INPAINT_MODEL": pack, "GEGL_INPAINT_LAMA": lama])
    #expect(request.operation == .lamaInpaint)
    #expect(note == "method=lama: \(lama) is there, and no learned prompt \"remove\" in \(pack)")
    #expect(try carriedOut(["GEGL_INPAINT_LAMA": lama]).note == "method=lama: no other model is found")
    #expect(try carriedOut(["GEGL_INPAINT_MODEL": pack]).0.operation == .seeleRemove)
    #expect(try carriedOut(["GEGL_INPAINT_MODEL": "/nowhere", "GEGL_INPAINT_LAMA": lama]).0.operation == .seeleRemove)
    #expect(try carriedOut(["GEGL_INPAINT_LAMA": lama, "GEGL_INPAINT_MODEL": packWithPrompt()]).0.operation == .seeleRemove)
  }

  @Test func aNamedModelOrPromptIsTaken() throws {
    let both = ["GEGL_INPAINT_MODEL": pack, "GEGL_INPAINT_LAMA": lama]
    #expect(try carriedOut(both, ["model": pack]).0.operation == .seeleRemove)
    #expect(try carriedOut(both, ["task-prompt": "/a/prompt"]).0.operation == .seeleRemove)
    let (request, note) = try carriedOut([:], ["model": lama])
    #expect(request.operation == .lamaInpaint && request.model == lama && note == "method=lama: \(lama) is a LaMa")
  }

  @Test func theMethodIsTakenAndWhatLaMaHasNotIsSaid() throws {
    let settings = ["method": "lama", "grow": "9", "steps": "7", "lora": "/a/lora", "seed": "3", "guidance": "0"]
    let (request, note) = try carriedOut([:], settings)
    #expect(request.operation == .lamaInpaint && request.grow == 9)
    #expect(note == "LaMa takes no steps, lora")
    #expect(try carriedOut([:], ["method": "lama"]).note == nil)
    #expect(try carriedOut(["GEGL_INPAINT_LAMA": lama], ["method": "seele"]).0.operation == .seeleRemove)
  }
}
