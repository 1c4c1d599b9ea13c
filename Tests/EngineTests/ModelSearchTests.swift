// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import TestSupport
import Testing

@testable import Engine

/// Which model a request gets.
@Suite struct ModelSearchTests {
  private let home = TemporaryFolder()
  private let pack = fixtures + "/packs/tiny-sd15"
  private let other = fixtures + "/packs/tiny-sd2"

  private func search(_ environment: [String: String], ownFolder: String? = nil) -> ModelSearch {
    ModelSearch(environment: { environment[$0] }, ownFolder: ownFolder)
  }

  @Test func thePropertyComesFirst() throws {
    #expect(try search(["GEGL_INPAINT_MODEL": other, "HOME": home.path]).open(pack).path == pack)
  }

  @Test func thenTheVariable() throws {
    home.link(other, ".local/share/gegl-inpaint/models/default")
    #expect(try search(["GEGL_INPAINT_MODEL": pack, "HOME": home.path]).open("").path == pack)
  }

  @Test func thenTheUsersDefault() throws {
    home.link(pack, "data/gegl-inpaint/models/default")
    home.link(other, "prefix/share/gegl-inpaint/models/mini")
    let search = search(
      ["XDG_DATA_HOME": home.path + "/data", "HOME": home.path],
      ownFolder: home.path + "/prefix/share/gegl-0.4/plug-ins")
    #expect(try search.open("").path == home.path + "/data/gegl-inpaint/models/default")
  }

  @Test(arguments: ["prefix/share/gegl-0.4/plug-ins", "prefix/bin"])
  func thenTheMiniPackBesideTheModuleOrProgram(_ folder: String) throws {
    home.link(pack, "prefix/share/gegl-inpaint/models/mini")
    let search = search(["HOME": home.path], ownFolder: home.path + "/" + folder)
    #expect(try search.open("").path == home.path + "/prefix/share/gegl-inpaint/models/mini")
  }

  @Test func thenTheMiniPackOfTheUser() throws {
    home.link(pack, ".local/share/gegl-inpaint/models/mini")
    let search = search(["XDG_DATA_HOME": "relative", "GEGL_INPAINT_MODEL": "", "HOME": home.path], ownFolder: "/usr/bin")
    #expect(try search.open("").path == home.path + "/.local/share/gegl-inpaint/models/mini")
  }

  /// Its models are no Stable Diffusion's, and the other way round.
  @Test func lamaHasPlacesOfItsOwn() throws {
    func search(_ environment: [String: String]) -> ModelSearch {
      let all = ["HOME": home.path].merging(environment) { $1 }
      return ModelSearch(
        LaMaPainter.shelf, environment: { all[$0] }, ownFolder: home.path + "/.local/share/gegl-0.4/plug-ins")
    }
    let file = fixtures + "/lama/plain.safetensors"
    home.link(pack, ".local/share/gegl-inpaint/models/default")
    #expect(throws: InpaintingError.self) { try search(["GEGL_INPAINT_MODEL": pack]).open("") }
    home.link(file, ".local/share/gegl-inpaint/models/lama")
    #expect(try search([:]).open("").path == home.path + "/.local/share/gegl-inpaint/models/lama")
    #expect(search([:]).places.map(\.reason) == ["the user's default", "installed with the plug-in"])
    let released = try search(["GEGL_INPAINT_LAMA": fixtures + "/lama/big-lama"]).open("")
    #expect(released.path == fixtures + "/lama/big-lama/models/best.ckpt")
  }

  @Test func withoutAnyTheErrorNamesAllPlacesAndTheRemedy() throws {
    let search = search(["HOME": home.path], ownFolder: home.path + "/prefix/share/gegl-0.4/plug-ins")
    let error = #expect(throws: InpaintingError.self) { try search.open("") }
    let text = try #require(error).description
    #expect(text.contains("set the property model or GEGL_INPAINT_MODEL"))
    #expect(search.places.count == 4)
    for place in search.places { #expect(text.contains(place.path)) }
  }

  @Test func whatTheUserNamedIsNeverPassedOver() throws {
    home.link(pack, ".local/share/gegl-inpaint/models/mini")
    home.link(home.path + "/gone", ".local/share/gegl-inpaint/models/default")
    let search = search(["HOME": home.path])
    for (named, reason) in [("/nowhere/model", "property model"), ("", "the user's default")] {
      let error = #expect(throws: InpaintingError.self) { try search.open(named) }
      #expect(try #require(error).description.hasPrefix(reason + ": "))
    }
    let variable = self.search(["GEGL_INPAINT_MODEL": "/nowhere/model", "HOME": home.path])
    let error = #expect(throws: InpaintingError.self) { try variable.open("") }
    #expect(try #require(error).description == "GEGL_INPAINT_MODEL: /nowhere/model: no such file or folder")
  }
}
