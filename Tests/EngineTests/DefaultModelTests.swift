// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Engine

/// What a user is told of the model that is taken where none is chosen.
@Suite struct DefaultModelTests {
  private let home = TemporaryFolder()

  private func taken(_ environment: [String: String] = [:]) -> DefaultModel? {
    let all = ["HOME": home.path].merging(environment) { $1 }
    return DefaultModel(ModelSearch(environment: { all[$0] }, ownFolder: nil))
  }

  @Test func itIsCalledAsWhatTheUsersDefaultLinksTo() throws {
    home.link(fixtures + "/packs/tiny-sd15", ".local/share/gegl-inpaint/models/default")
    let model = try #require(taken())
    #expect(model.name == "tiny-sd15")
    let lines = model.description.split(separator: "\n")
    #expect(lines[0] == "\(home.path)/.local/share/gegl-inpaint/models/default  (the user's default)")
    #expect(lines[1].contains("native size 64"))
  }

  @Test func oneThatCannotBeUsedSaysWhy() throws {
    let model = try #require(taken(["GEGL_INPAINT_MODEL": "/nowhere/model"]))
    #expect(model.name == "model")
    #expect(model.description.hasPrefix("/nowhere/model  (GEGL_INPAINT_MODEL)\ncannot be used: "))
  }

  @Test func thereMayBeNone() { #expect(taken() == nil) }
}
