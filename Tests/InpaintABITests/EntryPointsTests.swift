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

  /// Calls `body` with a request for the tiny model that `change` may spoil.
  private func withRequest<Result>(
    _ change: (inout InpaintRequest) -> Void = { _ in }, _ body: (UnsafePointer<InpaintRequest>) throws -> Result
  ) rethrows -> Result {
    try (fixtures + "/packs/tiny-sd15").withCString { model in
      try "inpaint:sd-inpaint".withCString { operation in
        var request = InpaintRequest()
        request.abi_version = UInt32(INPAINT_ABI_VERSION)
        request.operation = operation
        request.model = model
        request.steps = 2
        request.sampler = INPAINT_SAMPLER_DPMPP_2M
        (request.jump_length, request.jump_samples) = (10, 10)
        request.strength = 1
        request.feather = 4
        request.context = 0.5
        request.preserve = true
        change(&request)
        return try withUnsafePointer(to: request, body)
      }
    }
  }

  /// The error of a plan for a request that `change` spoils; nil if there is a plan.
  private func refusal(_ change: (inout InpaintRequest) -> Void = { _ in }, width: Int32 = 64, height: Int32 = 48) -> String? {
    withRequest(change) { request in
      var error: UnsafeMutablePointer<CChar>?
      let plan = inpaint_plan_new(request, width, height, mask, &error)
      defer {
        inpaint_plan_free(plan)
        inpaint_free_string(error)
      }
      #expect((plan == nil) == (error != nil))
      return error.map { String(cString: $0) }
    }
  }

  /// What a host is told, and may answer.
  private final class Host {
    var fractions: [Double] = []
    var stages: [String] = []
    var threads: Set<pthread_t> = []
    var cancelsAt: String?
    var converted: Int64 = 0

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    static func behind(_ pointer: UnsafeMutableRawPointer?) -> Host {
      Unmanaged<Host>.fromOpaque(pointer!).takeUnretainedValue()
    }
  }

  /// Runs the plan; the status, the pixels, the error.
  private func run(
    _ host: Host = Host(), channels: Int = 3, fillsAlpha: Bool = false, alpha: Float = 1,
    _ change: (inout InpaintRequest) -> Void = { _ in }
  ) throws -> (status: InpaintStatus, pixels: [Float], error: String?) {
    try withRequest(change) { request in
      let plan = try #require(inpaint_plan_new(request, 64, 48, mask, nil))
      defer { inpaint_plan_free(plan) }
      let (region, paint) = (inpaint_plan_region(plan, 0), inpaint_plan_paint(plan, 0))
      let colors = [Float](repeating: 0.5, count: Int(region.width * region.height) * 3)
      var pixels = [Float](repeating: 0.5, count: Int(paint.width * paint.height) * channels)
      if channels == 4 { for index in stride(from: 3, to: pixels.count, by: 4) { pixels[index] = alpha } }
      var error: UnsafeMutablePointer<CChar>?
      let status = colors.withUnsafeBufferPointer { colors in
        pixels.withUnsafeMutableBufferPointer { pixels in
          var picture = InpaintPicture(
            region: colors.baseAddress, pixels: pixels.baseAddress, channels: Int32(channels), fill_alpha: fillsAlpha,
            convert: { user, srgb, converted, count in
              Host.behind(user).converted += count
              for index in 0..<Int(count) * 3 { converted![index] = srgb![index] / 2 }
            }, convert_user: host.pointer)
          return inpaint_plan_run(
            plan, 0, &picture,
            { user, fraction, stage in
              let host = Host.behind(user)
              host.fractions.append(fraction)
              host.stages.append(String(cString: stage!))
              host.threads.insert(pthread_self())
              return host.cancelsAt.map { !host.stages.last!.hasPrefix($0) } ?? true
            }, host.pointer, &error)
        }
      }
      defer { inpaint_free_string(error) }
      return (status, pixels, error.map { String(cString: $0) })
    }
  }

  @Test func aRunFillsTheHoleInTheImagesOwnSpace() throws {
    let host = Host()
    let result = try run(host)
    #expect(result.status == INPAINT_OK && result.error == nil)
    #expect(host.converted == 24 * 24)
    let inside = result.pixels[(12 * 24 + 12) * 3..<(12 * 24 + 12) * 3 + 3]
    #expect(inside.allSatisfy { (0...0.5).contains($0) } && inside != [0.5, 0.5, 0.5])
    #expect(result.pixels[0..<3] == [0.5, 0.5, 0.5])
  }

  @Test func aMaskFromTheAlphaRaisesItToOne() throws {
    let filled = try run(channels: 4, fillsAlpha: true, alpha: 0.25).pixels
    #expect(filled[(12 * 24 + 12) * 4 + 3] == 1 && filled[3] == 0.25)
    let kept = try run(channels: 4, alpha: 0.25).pixels
    #expect(kept[(12 * 24 + 12) * 4 + 3] == 0.25)
  }

  @Test func progressComesOnTheCallingThreadAndRises() throws {
    let host = Host()
    // Jumps make 310 of 40 steps: several times as long as a host goes unasked.
    #expect(try run(host) { ($0.steps, $0.sampler) = (40, INPAINT_SAMPLER_REPAINT) }.status == INPAINT_OK)
    #expect(host.threads == [pthread_self()])
    #expect(host.fractions == host.fractions.sorted() && host.fractions.last == 1)
    #expect(host.stages.contains { $0.hasPrefix("Step ") && $0.hasSuffix(" of 310") })
  }

  @Test func cancellingChangesNothing() throws {
    let host = Host()
    host.cancelsAt = "Step"
    let result = try run(host) { ($0.steps, $0.sampler) = (150, INPAINT_SAMPLER_REPAINT) }  // too long to end unasked
    #expect(result.status == INPAINT_CANCELLED && result.error == nil)
    #expect(result.pixels.allSatisfy { $0 == 0.5 })
  }

  @Test func anEmptyMaskHasNoPasses() {
    withRequest { request in
      let plan = inpaint_plan_new(request, 64, 48, [Float](repeating: 0, count: 64 * 48), nil)
      #expect(plan != nil && inpaint_plan_passes(plan) == 0)
      inpaint_plan_free(plan)
    }
  }

  @Test func anotherVersionIsRefusedBeforeAnythingElseIsRead() {
    let text = refusal {
      $0.abi_version += 1
      $0.operation = UnsafePointer(bitPattern: 8)  // not a string
    }
    #expect(text == "inpaint: the host was built for another version of this plug-in; install both anew")
  }

  @Test func missingArgumentsAreErrors() throws {
    var error: UnsafeMutablePointer<CChar>?
    #expect(inpaint_plan_new(nil, 64, 48, mask, &error) == nil)
    #expect(String(cString: try #require(error)) == "inpaint: no request or no mask")
    inpaint_free_string(error)
    #expect(withRequest { inpaint_plan_new($0, 64, 48, nil, nil) } == nil)
    #expect(inpaint_plan_run(nil, 0, nil, nil, nil, &error) == INPAINT_FAILED)
    #expect(String(cString: try #require(error)) == "inpaint: no plan, or none with pass 0")
    inpaint_free_string(error)
    #expect(inpaint_plan_passes(nil) == 0)
    #expect(inpaint_plan_region(nil, 0).width == 0 && inpaint_plan_paint(nil, 0).height == 0)
    inpaint_plan_free(nil)
    inpaint_free_string(nil)
    withRequest { request in
      let plan = inpaint_plan_new(request, 64, 48, mask, nil)
      #expect(inpaint_plan_run(plan, 0, nil, nil, nil, nil) == INPAINT_FAILED)
      for pass: Int32 in [-1, 1] {
        #expect(inpaint_plan_region(plan, pass).width == 0)
        #expect(inpaint_plan_run(plan, pass, nil, nil, nil, nil) == INPAINT_FAILED)
      }
      inpaint_plan_free(plan)
    }
  }

  @Test(arguments: [(0, 48), (64, 0), (-1, 48), (.max, 48), (64, .min)] as [(Int32, Int32)])
  func sizesOutOfRangeAreErrors(_ size: (Int32, Int32)) throws {
    let text = try #require(refusal(width: size.0, height: size.1))
    #expect(text.hasPrefix("inpaint:sd-inpaint: an image of \(size.0) x \(size.1) pixels"))
  }

  @Test func everyNumberHasItsRange() throws {
    let odd = [Double.nan, .infinity, -.infinity, -0.001, 1e300]
    for value in odd {
      #expect(try #require(refusal { $0.guidance = value }).hasPrefix("inpaint:sd-inpaint: guidance is \(value); it may be 0.0 to 30.0"))
      #expect(try #require(refusal { $0.strength = value }).contains("strength is \(value); it may be 0.0 to 1.0"))
      #expect(try #require(refusal { $0.feather = value }).contains("feather is \(value); it may be 0.0 to 256.0"))
      #expect(try #require(refusal { $0.context = value }).contains("context is \(value); it may be 0.0 to 8.0"))
    }
    for value in [Int32.min, -1, .max] {
      #expect(try #require(refusal { $0.steps = value }).contains("steps is \(value); it may be 0 to 150"))
      #expect(try #require(refusal { $0.grow = value }).contains("grow is \(value); it may be 0 to 256"))
      #expect(try #require(refusal { $0.working_size = value }).contains("working-size is \(value); it may be 0 to 8192"))
    }
    for value in [Int32.min, 0, .max] {
      #expect(try #require(refusal { $0.jump_length = value }).contains("jump-length is \(value); it may be 1 to 150"))
      #expect(try #require(refusal { $0.jump_samples = value }).contains("jump-samples is \(value); it may be 1 to 100"))
    }
  }

  @Test func valuesThatNoEnumerationHasAreErrors() throws {
    #expect(try #require(refusal { $0.sampler = InpaintSampler(rawValue: 77) }).hasSuffix("there is no such sampler"))
    #expect(try #require(refusal { $0.crop = InpaintCrop(rawValue: 77) }).hasSuffix("there is no such crop"))
    #expect(try #require(refusal { $0.precision = InpaintPrecision(rawValue: 77) }).hasSuffix("there is no such precision"))
  }

  @Test func stringsMustBeUTF8AndMayBeMissing() throws {
    let broken: [CChar] = [-1, -2, 0]
    try broken.withUnsafeBufferPointer { broken throws in
      #expect(try #require(refusal { $0.prompt = broken.baseAddress }) == "inpaint:sd-inpaint: prompt is not UTF-8 text")
      #expect(try #require(refusal { $0.negative_prompt = broken.baseAddress }).contains("negative-prompt is not UTF-8"))
      #expect(try #require(refusal { $0.model = broken.baseAddress }).contains("model is not UTF-8"))
      #expect(try #require(refusal { $0.prompt_file = broken.baseAddress }).contains("prompt-file is not UTF-8"))
      #expect(try #require(refusal { $0.operation = broken.baseAddress }).hasPrefix("inpaint: "))
    }
    #expect(refusal { $0.prompt = nil } == nil)
  }

  @Test func unknownOperationsAreErrorsThatNameThem() {
    "inpaint:magic".withCString { name in
      #expect(refusal { $0.operation = name } == "inpaint:magic: there is no such operation")
    }
    #expect(refusal { $0.operation = nil } == "inpaint: there is no such operation")
  }

  @Test func aPromptFileWinsAndItsErrorsNameIt() throws {
    let folder = TemporaryFolder()
    folder.write("green grass", "prompt.txt")
    func filled(prompt: String, file: String) throws -> [Float] {
      try prompt.withCString { prompt in
        try file.withCString { file in
          try run { ($0.prompt, $0.prompt_file, $0.guidance) = (prompt, file, 7.5) }.pixels
        }
      }
    }
    #expect(try filled(prompt: "dark", file: folder.path + "/prompt.txt") == filled(prompt: "green grass", file: ""))
    for (name, text) in [("missing.txt", "No such file"), ("", "not a regular file")] {
      try (folder.path + "/" + name).withCString { path throws in
        let text_ = try #require(refusal { $0.prompt_file = path })
        #expect(text_.hasPrefix("inpaint:sd-inpaint: prompt-file: " + folder.path) && text_.contains(text))
      }
    }
    folder.write(String(repeating: "x", count: 1 << 20 + 1), "long.txt")
    try (folder.path + "/long.txt").withCString { path throws in
      #expect(try #require(refusal { $0.prompt_file = path }).contains("more than 1048576"))
    }
  }

  @Test func aMissingModelIsAnErrorWithCauseAndRemedy() throws {
    try TemporaryFolder().path.withCString { empty throws in
      let text = try #require(refusal { $0.model = empty })
      #expect(text.hasPrefix("inpaint:sd-inpaint: property model: "))
    }
  }
}
