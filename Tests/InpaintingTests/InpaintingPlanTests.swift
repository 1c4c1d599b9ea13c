import Checkpoints
import Glibc
import StableDiffusion
import TestSupport
import Testing

@testable import Inpainting
@testable import Tensors

/// Whole runs over tiny models.
@Suite struct InpaintingPlanTests {
  private static let (width, height) = (96, 80)
  private let folder = TemporaryFolder()

  private func request(_ change: (inout Request) throws -> Void = { _ in }) rethrows -> Request {
    var request = Request(.sdInpaint)
    request.model = fixtures + "/packs/tiny-sd15"
    request.steps = 2
    try change(&request)
    return request
  }

  private func mask(_ box: Rectangle = Rectangle(x: 30, y: 20, width: 30, height: 30)) -> [Float] {
    (0..<Self.width * Self.height).map { index in
      let (x, y) = (index % Self.width, index / Self.width)
      return x >= box.x && x < box.right && y >= box.y && y < box.bottom ? 1 : 0
    }
  }

  /// R'G'B' of the image at `index`.
  private func color(_ index: Int) -> [Float] {
    let (x, y) = (Float(index % Self.width), Float(index / Self.width))
    return [x / 96, y / 80, 0.5 + 0.3 * sinf((x + y) / 6)]
  }

  private struct Result {
    let plan: InpaintingPlan
    let before: [Float]
    let after: [Float]
    let progress: [InpaintingPlan.Progress]
  }

  /// A run over the image; `edit` changes its pixels before.
  private func run(
    _ request: Request, _ mask: [Float], workspace: Workspace = Workspace(),
    edit: (inout [Float]) -> Void = { _ in }, watch: (InpaintingPlan.Progress) -> Void = { _ in }
  ) throws -> Result {
    let plan = try InpaintingPlan(request, mask: mask, width: Self.width, height: Self.height)
    func pixels(_ area: Rectangle) -> [Float] {
      (0..<area.height).flatMap { y in
        (0..<area.width).flatMap { color((area.y + y) * Self.width + area.x + $0) }
      }
    }
    var region = pixels(plan.region(pass: 0))
    edit(&region)
    let before = pixels(plan.paint(pass: 0))
    var after = before
    var progress: [InpaintingPlan.Progress] = []
    try after.withUnsafeMutableBufferPointer { after in
      try plan.run(
        pass: 0,
        InpaintingPlan.PictureAccess(
          region: region, pixels: after.baseAddress!, channels: 3, fillsAlpha: false,
          convert: { $1.update(from: $0, count: 3 * $2) }),
        in: workspace
      ) {
        progress.append($0)
        watch($0)
      }
    }
    return Result(plan: plan, before: before, after: after, progress: progress)
  }

  /// The mask over it would be gigabytes, and memory that is refused to an array ends the host.
  @Test func aCanvasThatDoesNotFitIsRefusedBeforeItsMaskIsMade() throws {
    var request = Request(.outpaint)
    request.model = fixtures + "/packs/tiny-sd15"
    request.cropsToMask = false
    (request.growth.left, request.growth.right, request.growth.top, request.growth.bottom) = (8192, 8192, 8192, 8192)
    let error = #expect(throws: InpaintingError.self) {
      try InpaintingPlan(request, mask: mask(), width: Self.width, height: Self.height)
    }
    #expect(try #require(error).description.contains("of memory"))
  }

  @Test func theHoleIsFilledAndTheRestKeepsEveryBit() throws {
    let result = try run(request(), mask())
    let paint = result.plan.paint(pass: 0)
    #expect(paint == Rectangle(x: 26, y: 16, width: 38, height: 38))
    for y in 0..<paint.height {
      for x in 0..<paint.width {
        let index = (y * paint.width + x) * 3
        let (across, down) = (max(4 - x, 0, x - 33), max(4 - y, 0, y - 33))
        if across * across + down * down >= 25 {
          #expect(result.after[index..<index + 3] == result.before[index..<index + 3], "at \(x), \(y)")
        } else if across == 0 && down == 0 {
          #expect(result.after[index..<index + 3] != result.before[index..<index + 3], "at \(x), \(y)")
        }
      }
    }
    #expect(result.after.allSatisfy { (0...1).contains($0) })
  }

  static let references: [String] = {
    let text = String(decoding: fileBytes("pipeline/runs.json"), as: UTF8.self)
    return ((try? JSON(parsing: text, source: "runs.json"))?.object ?? [:]).keys.sorted()
  }()

  /// The pack at `path`, or one of its parts whose UNet's output is taken for another `prediction`.
  private func pack(_ path: String, _ prediction: String?) throws -> String {
    guard let prediction, prediction != "epsilon" else { return path }
    for part in ["unet", "vae", "text_encoder", "tokenizer"] { folder.link(path + "/" + part, part) }
    folder.write(
      """
      {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
       "prediction_type": "\(prediction)"}
      """, "scheduler/scheduler_config.json")
    return folder.path
  }

  /// Nothing is resampled, nothing blended: what the model decodes is the output.
  @Test(arguments: references) func theExactModeIsTheReferencePipeline(_ name: String) throws {
    let text = String(decoding: fileBytes("pipeline/runs.json"), as: UTF8.self)
    let settings = try #require(try JSON(parsing: text, source: "runs.json")[name])
    let (workspace, reference) = (Workspace(), try Fixture("pipeline/runs.safetensors"))
    let size = try #require(settings["size"]?.string)
    let input = try reference.tensor("input/" + size, in: workspace)
    let request = try request {
      $0.model = try pack(fixtures + "/" + #require(settings["pack"]?.string), settings["prediction_type"]?.string)
      $0.operation = settings["operation"]?.string.flatMap(Operation.init) ?? $0.operation
      $0.prompt = settings["prompt"]?.string ?? ""
      $0.negativePrompt = settings["negative_prompt"]?.string ?? ""
      $0.taskPrompt = settings["task_prompt"]?.string.map { fixtures + "/" + $0 } ?? ""
      $0.lora = settings["lora"]?.string.map { fixtures + "/" + $0 } ?? ""
      $0.steps = try #require(settings["steps"]?.int)
      $0.sampler = settings["sampler"]?.string.flatMap(SamplerKind.init) ?? $0.sampler
      $0.jumpLength = settings["jump_length"]?.int ?? $0.jumpLength
      $0.jumpSamples = settings["jump_samples"]?.int ?? $0.jumpSamples
      $0.guidance = try #require(settings["guidance"]?.double)
      $0.strength = try #require(settings["strength"]?.double)
      $0.seed = UInt64(try #require(settings["seed"]?.int))
      ($0.cropsToMask, $0.preserve, $0.feather, $0.decoder, $0.detail) = (false, false, 0, .plain, .model)
    }
    let mask = try reference.tensor("mask/" + size, in: workspace)
    let plan = try InpaintingPlan(request, mask: mask.pointer, width: input.dim(1), height: input.dim(0))
    var output = input.array
    try output.withUnsafeMutableBufferPointer {
      try plan.run(
        pass: 0,
        InpaintingPlan.PictureAccess(
          region: input.pointer, pixels: $0.baseAddress!, channels: 3, fillsAlpha: false,
          convert: { $1.update(from: $0, count: 3 * $2) }), in: workspace) { _ in }
    }
    let expected = try reference.tensor(name, in: workspace).array
    let largest = zip(output, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(largest <= 1 / 255, "largest difference \(largest * 255) / 255")
  }

  /// Each model's tensors, with and without a LoRA's, at a size at which they are most of what is planned.
  @Test(
    arguments: [
      (.sdInpaint, .plain), (.asukaInpaint, .harmonizing), (.seeleHarmonize, .plain), (.seeleHarmonize, .harmonizing),
    ] as [(Operation, DecoderChoice)], ["", "/lora/kohya.safetensors"])
  func whatARunReservesIsEnough(_ kind: (operation: Operation, decoder: DecoderChoice), _ lora: String) throws {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/tiny-sd15/" + part, part)
    }
    for (pack, part) in [("fine-tuned", "mae"), ("fitting", "alignment"), ("fine-tuned", "harmonizing_decoder")] {
      folder.link(fixtures + "/asuka/packs/\(pack)/\(part)", part)
    }
    folder.link(fixtures + "/lora/kohya.safetensors", "lora/harmonize.safetensors")
    let workspace = Workspace()
    var request = Request(kind.operation)
    (request.model, request.steps, request.guidance, request.workingSize) = (folder.path, 1, 3, 512)
    request.decoder = kind.decoder
    request.lora = lora.isEmpty ? "" : fixtures + lora
    _ = try run(request, mask(), workspace: workspace)
    #expect(workspace.largeAllocations == 0, "\(workspace.peakBytes >> 20) MB at most")
    #expect(workspace.peakBytes > 48 << 20)  // more than is left for scratch
  }

  /// A step of it holds no more than a fill's, but for the noise of all steps at once.
  @Test func harmonizingReservesTheNoiseOfAllSteps() throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd15")
    let summary = try ModelSummary(pack)
    func bytes(steps: Int) throws -> Int {
      var request = Request(.seeleHarmonize)
      (request.lora, request.steps) = (fixtures + "/lora/kohya.safetensors", steps)
      return try Steering(request, pack).tensorBytes(pack, summary, pixels: 512 * 512)
    }
    #expect(try bytes(steps: 150) - bytes(steps: 50) == 100 * 64 * 64 * 4 * 4)
  }

  @Test func thePacksLoRACountsAsMemoryBesideTheUsers() throws {
    let lora = fixtures + "/lora/kohya.safetensors"
    folder.link(fixtures + "/packs/tiny-sd15/unet", "unet")
    folder.link(lora, "lora/harmonize.safetensors")
    let pack = try OpenedPack.open(folder.path)
    var request = Request(.seeleHarmonize)
    let one = try LoRA.byteCountWhileAdded(lora)
    #expect(try one > 0 && Steering(request, pack).weightBytes(pack, []) == one)
    request.lora = lora
    #expect(try Steering(request, pack).weightBytes(pack, []) == 2 * one)
    request = Request(.seeleRemove)
    #expect(try Steering(request, pack).weightBytes(pack, []) == 0)
  }

  @Test func anEmptyMaskTouchesNoModel() throws {
    let faint = [Float](repeating: 0.3, count: Self.width * Self.height)
    let plan = try InpaintingPlan(request { $0.model = "/nowhere" }, mask: faint, width: Self.width, height: Self.height)
    #expect(plan.passIndices.isEmpty)
  }

  @Test func aFullMaskWorks() throws {
    for matches in [false, true] {
      let full = [Float](repeating: 1, count: Self.width * Self.height)
      let result = try run(request { $0.colorMatch = matches ? .always : .never }, full)
      #expect(result.after.allSatisfy { (0...1).contains($0) } && result.after != result.before)
    }
  }

  @Test(arguments: [(1, 1), (700, 3), (3, 700), (65, 63)]) func everySizeOfImageWorks(_ size: (Int, Int)) throws {
    let (width, height) = size
    for crops in [true, false] {
      var mask = [Float](repeating: 0, count: width * height)
      mask[width * height / 2] = 1
      let plan = try InpaintingPlan(request { $0.cropsToMask = crops }, mask: mask, width: width, height: height)
      let region = [Float](repeating: 0.5, count: plan.region(pass: 0).area * 3)
      var pixels = [Float](repeating: 0.5, count: plan.paint(pass: 0).area * 3)
      try pixels.withUnsafeMutableBufferPointer {
        try plan.run(
          pass: 0,
          InpaintingPlan.PictureAccess(
            region: region, pixels: $0.baseAddress!, channels: 3, fillsAlpha: false,
            convert: { $1.update(from: $0, count: 3 * $2) }), in: Workspace()) { _ in }
      }
      #expect(pixels.allSatisfy { (0...1).contains($0) })
    }
  }

  @Test func theSameSeedGivesTheSamePicture() throws {
    let results = try [1, 1, 2].map { seed in try run(request { $0.seed = seed }, mask()).after }
    #expect(results[0] == results[1] && results[0] != results[2])
  }

  @Test func pixelsThatAreNotNumbersCountAsBlackAndBrightOnesAsWhite() throws {
    let odd = try run(request(), mask(), edit: { ($0[0], $0[1], $0[2], $0[3]) = (.nan, .infinity, -5, 40) })
    let plain = try run(request(), mask(), edit: { ($0[0], $0[1], $0[2], $0[3]) = (0, 1, 0, 1) })
    #expect(odd.after == plain.after)
  }

  @Test func progressRisesFromZeroToOne() throws {
    let result = try run(request { ($0.steps, $0.detail) = (3, .surroundings) }, mask())
    let fractions = result.progress.map(\.fraction)
    #expect(fractions == fractions.sorted() && fractions.last == 1 && fractions.allSatisfy { (0...1).contains($0) })
    let stages = result.progress.map(\.stage)
    for stage in [
      "Encoding the picture", "Reading the prompt", "Step 1 of 3", "Step 3 of 3", "Decoding the picture", "Matching detail",
    ] {
      #expect(stages.contains(stage))
    }
  }

  @Test(arguments: ["Encoding the picture", "Step 2 of 2", "Decoding the picture", "Matching detail"])
  func aCancelledRunStops(_ stage: String) throws {
    let workspace = Workspace()
    #expect(throws: Cancelled.self) {
      let request = request { $0.detail = .surroundings }
      return try run(request, mask(), workspace: workspace, watch: { if $0.stage == stage { workspace.cancel() } })
    }
  }

  @Test func guidanceIsThePropertysThenThePacksThenTheOperations() throws {
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
      folder.link(fixtures + "/packs/tiny-sd15/" + part, part)
    }
    folder.write(#"{"operations": {"inpaint:sd-inpaint": {"guidance": 3}}}"#, "recommended.json")
    func filled(_ model: String, _ guidance: Double) throws -> [Float] {
      try run(request { ($0.model, $0.guidance, $0.prompt) = (model, guidance, "grass") }, mask()).after
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
      try run(request { ($0.model, $0.steps) = (model, steps) }, mask()).after
    }
    let plain = fixtures + "/packs/tiny-sd15"
    #expect(try filled(folder.path, 0) == filled(plain, 3))
    #expect(try filled(plain, 0) == filled(plain, 20))
    #expect(try filled(folder.path, 5) == filled(plain, 5))
  }

  @Test(arguments: [
    #"{"operations": {"inpaint:sd-inpaint": {"guidance": 31}}}"#, #"{"operations": {"inpaint:sd-inpaint": {"steps": 0}}}"#,
    #"{"operations": {"inpaint:sd-inpaint": {"sampler": "magic"}}}"#,
  ])
  func adviceThatNoPropertyTakesIsAnError(_ advice: String) throws {
    folder.link(fixtures + "/packs/tiny-sd15/unet", "unet")
    folder.write(advice, "recommended.json")
    let error = #expect(throws: InpaintingError.self) {
      try Recommendation(OpenedPack.open(folder.path), for: .sdInpaint)
    }
    #expect(try #require(error).description.hasPrefix(folder.path + "/recommended.json: inpaint:sd-inpaint has a "))
  }

  @Test func aSmallMaskIn24MegapixelsIsPlannedAtOnce() throws {
    let (width, height) = (6000, 4000)
    var mask = [Float](repeating: 0, count: width * height)
    for y in 2000..<2200 { for x in 3000..<3300 { mask[y * width + x] = 1 } }
    // Of three turns the least, in this thread's own time: other tests run beside this one.
    let seconds = try (0..<3).map { _ -> Double in
      let start = threadSeconds()
      _ = try InpaintingPlan(request(), mask: mask, width: width, height: height)
      return threadSeconds() - start
    }
    #expect(seconds.min()! < 0.2, "\(seconds) seconds")
  }

  private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
