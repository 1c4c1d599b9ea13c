// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import InpaintCABI
import TestSupport
import Testing

/// What a host may rely on in CShim/abi/include/inpaint_abi.h.  The image is even grey, 64 x 48, its hole in the middle.
@Suite struct EntryPointsTests {
  private static let (width, height) = (64, 48)

  private var mask: [Float] {
    (0..<Self.width * Self.height).map { (24..<40).contains($0 % 64) && (16..<32).contains($0 / 64) ? 1 : 0 }
  }

  /// The error of a plan for a request; nil if there is a plan.
  private func refusal(_ request: UnsafePointer<InpaintRequest>, width: Int32 = 64, height: Int32 = 48) -> String? {
    var error: UnsafeMutablePointer<CChar>?
    let plan = inpaint_plan_new(request, width, height, mask, &error)
    defer {
      inpaint_plan_free(plan)
      inpaint_free_string(error)
    }
    #expect((plan == nil) == (error != nil))
    return error.map { String(cString: $0) }
  }

  private func refusal(_ properties: [String: String], operation: String = "inpaint:sd-inpaint") -> String? {
    withRequest(properties, operation: operation) { refusal($0) }
  }

  /// What a host is told, and may answer.
  private final class Host {
    var fractions: [Double] = []
    var stages: [String] = []
    var previews: [[Int32]] = []
    var threads: Set<pthread_t> = []
    var cancelsAt: String?

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    static func behind(_ pointer: UnsafeMutableRawPointer?) -> Host {
      Unmanaged<Host>.fromOpaque(pointer!).takeUnretainedValue()
    }
  }

  /// Runs the plan; the status, the fill and its weight, the error.
  private func run(
    _ host: Host = Host(), _ properties: [String: String] = [:], previews: Bool = false
  ) throws -> (status: InpaintStatus, fill: [Float], weight: [Float], error: String?) {
    try withRequest(properties, previews: previews) { request in
      let plan = try #require(inpaint_plan_new(request, 64, 48, mask, nil))
      defer { inpaint_plan_free(plan) }
      let (region, paint) = (inpaint_plan_region(plan, 0), inpaint_plan_paint(plan, 0))
      let colors = [Float](repeating: 0.5, count: Int(region.width * region.height) * 3)
      var weight = [Float](repeating: -1, count: Int(paint.width * paint.height))
      var fill = [Float](repeating: -1, count: weight.count * 3)
      var error: UnsafeMutablePointer<CChar>?
      let status = inpaint_plan_run(
        plan, 0, colors, &fill, &weight,
        { user, fraction, stage, preview in
          let host = Host.behind(user)
          host.fractions.append(fraction)
          host.stages.append(String(cString: stage!))
          host.threads.insert(pthread_self())
          if let preview { host.previews.append([preview.pointee.width, preview.pointee.height]) }
          return host.cancelsAt.map { !host.stages.last!.hasPrefix($0) } ?? true
        }, host.pointer, &error)
      defer { inpaint_free_string(error) }
      return (status, fill, weight, error.map { String(cString: $0) })
    }
  }

  @Test func aHostSeesWhatBecomesOfThePictureIfItAsks() throws {
    let (host, other) = (Host(), Host())
    _ = try run(host, ["seed": "77", "crop": "whole"], previews: true)
    #expect(!host.previews.isEmpty && host.previews.allSatisfy { $0 == [64, 48] })
    _ = try run(other, ["seed": "78", "crop": "whole"])
    #expect(other.previews.isEmpty)
  }

  @Test func aRunGivesAFillAndItsWeight() throws {
    let result = try run()
    #expect(result.status == INPAINT_OK && result.error == nil)
    #expect(result.weight.count == 24 * 24)
    #expect(result.weight[12 * 24 + 12] == 1 && result.weight[0] == 0)
    #expect(result.fill.allSatisfy { (0...1).contains($0) } && Set(result.fill).count > 100)
  }

  @Test func aFillIsLaidOverPixelsWithAndWithoutAlpha() {
    let (fill, weight): ([Float], [Float]) = ([0.25, 0.5, 1, 0.25, 0.5, 1], [1, 0])
    var opaque: [Float] = [0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    inpaint_composite(fill, weight, 2, false, 3, &opaque)
    #expect(opaque == [0.25, 0.5, 1, 0.9, 0.9, 0.9])
    var transparent: [Float] = [0.9, 0.9, 0.9, 0.25, 0.9, 0.9, 0.9, 0.25]
    inpaint_composite(fill, weight, 2, true, 4, &transparent)
    #expect(transparent == [0.25, 0.5, 1, 1, 0.9, 0.9, 0.9, 0.25])
    inpaint_composite(fill, weight, 2, false, 2, &opaque)  // no such pixels: nothing
    inpaint_composite(nil, weight, 2, false, 3, &opaque)
    inpaint_composite(fill, weight, -1, false, 3, &opaque)
    #expect(opaque == [0.25, 0.5, 1, 0.9, 0.9, 0.9])
  }

  @Test func progressComesOnTheCallingThreadAndRises() throws {
    let host = Host()
    // Jumps make 310 of 40 steps: several times as long as a host goes unasked.
    #expect(try run(host, ["steps": "40", "sampler": "repaint"]).status == INPAINT_OK)
    #expect(host.threads == [pthread_self()])
    #expect(host.fractions == host.fractions.sorted() && host.fractions.last == 1)
    #expect(host.stages.contains { $0.hasPrefix("Step ") && $0.hasSuffix(" of 310") })
  }

  @Test func cancellingChangesNothing() throws {
    let host = Host()
    host.cancelsAt = "Step"
    let result = try run(host, ["steps": "150", "sampler": "repaint"])  // too long to end unasked
    #expect(result.status == INPAINT_CANCELLED && result.error == nil)
    #expect((result.fill + result.weight).allSatisfy { $0 == -1 })
  }

  @Test func anEmptyMaskHasNoPasses() {
    withRequest { request in
      let plan = inpaint_plan_new(request, 64, 48, [Float](repeating: 0, count: 64 * 48), nil)
      #expect(plan != nil && inpaint_plan_passes(plan) == 0)
      inpaint_plan_free(plan)
    }
  }

  @Test func anotherVersionIsRefusedBeforeAnythingElseIsRead() {
    var request = InpaintRequest()
    request.abi_version = UInt32(INPAINT_ABI_VERSION) + 1
    request.operation = UnsafePointer(bitPattern: 8)  // not a string
    #expect(refusal(&request) == "inpaint: the host was built for another version of this plug-in; install both anew")
  }

  /// Who changes them raises the version.
  @Test func theStructsAreThoseOfThisVersion() {
    #expect(INPAINT_ABI_VERSION == 9)
    #expect(MemoryLayout<InpaintRequest>.stride == 32 && MemoryLayout<InpaintProperty>.size == 16)
    #expect(MemoryLayout<InpaintRectangle>.size == 16 && MemoryLayout<InpaintPreview>.size == 16)
  }

  @Test func missingArgumentsAreErrors() throws {
    var error: UnsafeMutablePointer<CChar>?
    #expect(inpaint_plan_new(nil, 64, 48, mask, &error) == nil)
    #expect(String(cString: try #require(error)) == "inpaint: no request or no mask")
    inpaint_free_string(error)
    #expect(withRequest { inpaint_plan_new($0, 64, 48, nil, nil) } == nil)
    #expect(inpaint_plan_run(nil, 0, nil, nil, nil, nil, nil, &error) == INPAINT_FAILED)
    #expect(String(cString: try #require(error)) == "inpaint: no plan, or none with pass 0")
    inpaint_free_string(error)
    #expect(inpaint_plan_passes(nil) == 0)
    #expect(inpaint_plan_region(nil, 0).width == 0 && inpaint_plan_paint(nil, 0).height == 0)
    inpaint_plan_free(nil)
    inpaint_free_string(nil)
    withRequest { request in
      let plan = inpaint_plan_new(request, 64, 48, mask, nil)
      #expect(inpaint_plan_run(plan, 0, nil, nil, nil, nil, nil, nil) == INPAINT_FAILED)
      for pass: Int32 in [-1, 1] {
        #expect(inpaint_plan_region(plan, pass).width == 0)
        #expect(inpaint_plan_run(plan, pass, nil, nil, nil, nil, nil, nil) == INPAINT_FAILED)
      }
      inpaint_plan_free(plan)
    }
  }

  @Test(arguments: [(0, 48), (64, 0), (-1, 48), (.max, 48), (64, .min)] as [(Int32, Int32)])
  func sizesOutOfRangeAreErrors(_ size: (Int32, Int32)) throws {
    let text = try #require(withRequest { refusal($0, width: size.0, height: size.1) })
    #expect(text.hasPrefix("inpaint:sd-inpaint: an image of \(size.0) x \(size.1) pixels"))
  }

  @Test(arguments: [
    ("guidance", "nan", "nan; it may be 0.0 to 30.0"), ("strength", "-0.001", "-0.001; it may be 0.0 to 1.0"),
    ("steps", "151", "151; it may be 0 to 150"), ("jump-length", "0", "0; it may be 1 to 150"),
    ("working-size", "many", "\"many\"; it may be 0 to 8192"), ("sampler", "magic", "\"magic\"; it may be auto, ddim, pndm"),
    ("preserve", "yes", "\"yes\"; it may be true or false"), ("seed", "-1", "\"-1\"; it may be 0 to 4294967295"),
  ])
  func aValueThatAPropertyDoesNotTakeIsAnError(_ name: String, _ value: String, _ text: String) throws {
    #expect(try #require(refusal([name: value])).hasPrefix("inpaint:sd-inpaint: \(name) is \(text)"))
  }

  @Test func aPropertyThatTheOperationDoesNotHaveIsAnError() {
    #expect(refusal(["left": "1"]) == "inpaint:sd-inpaint: there is no property left")
  }

  @Test func stringsMustBeUTF8AndMayBeMissing() {
    let broken: [CChar] = [-1, -2, 0]
    broken.withUnsafeBufferPointer { broken in
      "prompt".withCString { prompt in
        func refused(_ property: InpaintProperty, operation: UnsafePointer<CChar>?) -> String? {
          withUnsafePointer(to: property) { property in
            var request = InpaintRequest(
              abi_version: UInt32(INPAINT_ABI_VERSION), operation: operation, properties: property, count: 1, previews: false)
            return refusal(&request)
          }
        }
        "inpaint:sd-inpaint".withCString { operation in
          let text = refused(InpaintProperty(name: prompt, value: broken.baseAddress), operation: operation)
          #expect(text == "inpaint:sd-inpaint: prompt is not UTF-8 text")
          let named = refused(InpaintProperty(name: broken.baseAddress, value: prompt), operation: operation)
          #expect(named == "inpaint:sd-inpaint: a property's name is not UTF-8 text")
          let empty = refused(InpaintProperty(name: prompt, value: nil), operation: operation)
          #expect(empty.map { !$0.contains("UTF-8") } ?? true)
        }
        for operation in [broken.baseAddress, nil] {
          let text = refused(InpaintProperty(name: prompt, value: nil), operation: operation)
          #expect(text?.hasPrefix("inpaint: there is no such operation; ") == true)
        }
      }
    }
  }

  @Test func unknownOperationsAreErrorsThatNameThem() {
    #expect(refusal([:], operation: "inpaint:magic").map { $0.hasPrefix("inpaint:magic: there is no such operation; there are inpaint:sd-inpaint, ") } == true)
  }

  @Test func aPromptFileWinsAndItsErrorsNameIt() throws {
    let folder = TemporaryFolder()
    folder.write("green grass", "prompt.txt")
    func filled(prompt: String, file: String) throws -> [Float] {
      try run(Host(), ["prompt": prompt, "prompt-file": file, "guidance": "7.5"]).fill
    }
    #expect(try filled(prompt: "dark", file: folder.path + "/prompt.txt") == filled(prompt: "green grass", file: ""))
    for (name, text) in [("missing.txt", "No such file"), ("", "not a regular file")] {
      let told = try #require(refusal(["prompt-file": folder.path + "/" + name]))
      #expect(told.hasPrefix("inpaint:sd-inpaint: prompt-file: " + folder.path) && told.contains(text))
    }
    folder.write(String(repeating: "x", count: 1 << 20 + 1), "long.txt")
    #expect(try #require(refusal(["prompt-file": folder.path + "/long.txt"])).contains("more than 1048576"))
  }

  @Test func aMissingModelIsAnErrorWithCauseAndRemedy() throws {
    let text = try #require(refusal(["model": TemporaryFolder().path]))
    #expect(text.hasPrefix("inpaint:sd-inpaint: property model: "))
  }
}
