// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import TestSupport
import Testing

@testable import Engine

/// What a pack recommends.
@Suite struct RecommendationTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [
    #"{"operations": {"inpaint:sd-inpaint": {"guidance": 31}}}"#, #"{"operations": {"inpaint:sd-inpaint": {"steps": 0}}}"#,
    #"{"operations": {"inpaint:sd-inpaint": {"sampler": "magic"}}}"#,
  ])
  func whatNoPropertyTakesIsAnError(_ text: String) throws {
    folder.link(fixtures + "/packs/tiny-sd15/unet", "unet")
    folder.write(text, "recommended.json")
    let error = #expect(throws: InpaintingError.self) {
      try Recommendation(OpenedPack.open(folder.path), for: .sdInpaint)
    }
    #expect(try #require(error).description.hasPrefix(folder.path + "/recommended.json: inpaint:sd-inpaint: "))
  }
}
