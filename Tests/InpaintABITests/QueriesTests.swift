// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import InpaintCABI
import TestSupport
import Testing

/// What a host may ask without a run.  The tiny model's native size is 64.
@Suite struct QueriesTests {
  private let extent = InpaintRectangle(x: -100, y: 50, width: 3000, height: 2000)

  private func window(
    _ properties: [String: String] = [:], operation: String = "inpaint:sd-inpaint", box: InpaintRectangle
  ) -> (status: InpaintStatus, window: [Int32], error: String?) {
    withRequest(properties, operation: operation) { request in
      var window = InpaintRectangle()
      var error: UnsafeMutablePointer<CChar>?
      let status = inpaint_window(request, extent, box, &window, &error)
      defer { inpaint_free_string(error) }
      return (status, [window.x, window.y, window.width, window.height], error.map { String(cString: $0) })
    }
  }

  private let box = InpaintRectangle(x: 900, y: 1000, width: 40, height: 20)
  private let whole: [Int32] = [-100, 50, 3000, 2000]

  @Test func theWindowHoldsTheContextAndTheModelsNativeSize() {
    let result = window(["context": "0.5", "grow": "0"], box: box)
    #expect(result.status == INPAINT_OK && result.error == nil)
    let around: Int32 = 20 + 64  // half of the box's longer side, and the model's native size
    #expect(result.window == [900 - around, 1000 - around, 40 + 2 * around, 20 + 2 * around])
    #expect(window(["crop": "whole"], box: box).window == whole)
  }

  @Test func withoutAModelItIsTheWholeAndTheErrorThatOfARun() throws {
    let result = window(["model": "/nowhere"], box: box)
    #expect(result.status == INPAINT_FAILED && result.window == whole)
    #expect(try #require(result.error).hasPrefix("inpaint:sd-inpaint: property model: /nowhere"))
  }

  @Test func whatLooksAtEverythingNeedsNoModel() {
    for operation in ["inpaint:outpaint", "inpaint:seele-reposition"] {
      let result = window(["model": "/nowhere"], operation: operation, box: box)
      #expect(result.status == INPAINT_OK && result.window == whole)
    }
  }

  @Test func rectanglesOfAnySizeAreAnswered() {
    for extreme in [InpaintRectangle(), InpaintRectangle(x: .max, y: .max, width: .max, height: .max),
      InpaintRectangle(x: .min, y: .min, width: .min, height: .min), InpaintRectangle(x: .min, y: 0, width: .max, height: 1)] {
      #expect(window(box: extreme).status == INPAINT_OK)
      withRequest { request in
        var answer = InpaintRectangle()
        #expect(inpaint_window(request, extreme, extreme, &answer, nil) == INPAINT_OK)
      }
    }
  }

  @Test func missingArgumentsAndAnotherVersionAreErrors() throws {
    var answer = InpaintRectangle()
    #expect(inpaint_window(nil, extent, box, &answer, nil) == INPAINT_FAILED)
    withRequest { #expect(inpaint_window($0, extent, box, nil, nil) == INPAINT_FAILED) }
    var request = InpaintRequest()
    request.abi_version = UInt32(INPAINT_ABI_VERSION) + 1
    request.operation = UnsafePointer(bitPattern: 8)  // not a string
    var error: UnsafeMutablePointer<CChar>?
    #expect(inpaint_window(&request, extent, box, &answer, &error) == INPAINT_FAILED)
    #expect(String(cString: try #require(error)).hasPrefix("inpaint: the host was built for another version"))
    inpaint_free_string(error)
  }

  @Test func theDefaultModelIsToldOrThereIsNone() {
    var (name, description): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
    let isThere = inpaint_default_model("inpaint:sd-inpaint", &name, &description)
    #expect((name != nil) == isThere && (description != nil) == isThere)
    inpaint_free_string(name)
    inpaint_free_string(description)
    #expect(inpaint_default_model("inpaint:sd-inpaint", nil, nil) == isThere)
    #expect(!inpaint_default_model("no operation", nil, nil) && !inpaint_default_model(nil, nil, nil))
  }
}
