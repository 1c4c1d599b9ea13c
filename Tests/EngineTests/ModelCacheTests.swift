// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Dispatch
import Glibc
import Layers
import Numerics
import StableDiffusion
import Synchronization
import Testing
import TestSupport

@testable import Engine

/// One model stays loaded.
@Suite struct ModelCacheTests {
  private let folder = TemporaryFolder()
  private let first = fixtures + "/packs/tiny-sd15"
  private let second = fixtures + "/packs/tiny-sd2"

  private struct Seen {
    weak var models: LoadedModels?
    var missing: [String] = []
    var wasLoaded: Bool { missing.isEmpty }
  }

  private func use(
    _ path: String, _ cache: ModelCache, _ types: [any PackModel.Type] = DiffusionPainter.requiredModels,
    _ arithmetic: Arithmetic = .float32
  ) throws -> Seen {
    var seen = Seen()
    try cache.withModels(OpenedPack.open(path), arithmetic, in: Workspace(), progress: { _ in }) { models in
      seen.missing = models.missing(types).map { $0.part.name }
      try models.load(types) { _ in }
      seen.models = models
    }
    return seen
  }

  @Test func aSecondRunFindsTheModelLoaded() throws {
    let cache = ModelCache(idleSeconds: 600)
    let runs = try [use(first, cache), use(first + "/model_index.json", cache)]
    #expect(runs.map(\.wasLoaded) == [false, true])
    #expect(runs[0].models != nil && runs[0].models === runs[1].models)
  }

  @Test func onlyWhatARunNeedsIsReadAndWhatItLacksIsAdded() throws {
    let cache = ModelCache(idleSeconds: 600)
    #expect(try use(first, cache, [PackAutoencoder.self]).missing == ["vae"])
    #expect(try use(first, cache, [UNet2DConditionModel.self, PackAutoencoder.self]).missing == ["unet"])
  }

  @Test func anotherModelTakesItsPlace() throws {
    let cache = ModelCache(idleSeconds: 600)
    let one = try use(first, cache)
    let other = try use(second, cache)
    #expect(one.models == nil && other.models != nil && !other.wasLoaded)
  }

  @Test func anotherArithmeticTakesItsPlaceToo() throws {
    let cache = ModelCache(idleSeconds: 600)
    let one = try use(first, cache)
    let other = try use(first, cache, DiffusionPainter.requiredModels, .int8)
    #expect(one.models == nil && other.models != nil && !other.wasLoaded)
    #expect(try use(first, cache, DiffusionPainter.requiredModels, .int8).wasLoaded)
  }

  @Test func aReplacedFileIsSeen() throws {
    let cache = ModelCache(idleSeconds: 600)
    for part in ["unet", "vae", "text_encoder", "tokenizer", "model_index.json"] { folder.link(first + "/" + part, part) }
    folder.write("{}", "recommended.json")
    #expect(try !use(folder.path, cache).wasLoaded)
    #expect(try use(folder.path, cache).wasLoaded)
    folder.write("{ }", "recommended.json")
    #expect(try !use(folder.path, cache).wasLoaded)
  }

  @Test func nothingIsReadFromAPlaceThatIsGone() throws {
    let cache = ModelCache(idleSeconds: 600)
    func link(_ folder: TemporaryFolder) {
      for part in ["unet", "vae", "model_index.json"] { folder.link(first + "/" + part, part) }
    }
    let gone = TemporaryFolder()
    link(gone)
    #expect(try use(gone.path, cache, [PackAutoencoder.self]).missing == ["vae"])
    rename(gone.path + "/unet", gone.path + "/moved")
    link(folder)
    #expect(try use(folder.path, cache, [UNet2DConditionModel.self]).missing == ["unet"])
  }

  @Test func itIsReleasedWhenIdle() throws {
    let pending = Mutex<[@Sendable () -> Void]>([])
    let cache = ModelCache(idleSeconds: 600) { seconds, work in
      #expect(seconds == 600)
      pending.withLock { $0.append(work) }
    }
    let seen = try [use(first, cache), use(first, cache)]
    func timePasses() { pending.withLock { $0.removeFirst() }() }
    timePasses()  // since the first run: the second has begun another wait
    #expect(seen[0].models != nil)
    timePasses()
    #expect(seen[0].models == nil)
  }

  @Test func howLongIsTheVariables() throws {
    #expect(try ModelCache.configuredIdleSeconds { _ in nil } == 600)
    #expect(try ModelCache.configuredIdleSeconds { $0 == "GEGL_INPAINT_IDLE" ? "5" : nil } == 5)
    for text in ["abc", "-1", "nan"] {
      #expect(throws: InpaintingError.self) { try ModelCache.configuredIdleSeconds { _ in text } }
    }
  }

  @Test func aModelThatCannotBeLoadedLeavesNoTrace() throws {
    let cache = ModelCache(idleSeconds: 600)
    folder.link(first + "/unet", "unet")
    #expect(throws: CheckpointError.self) { try use(folder.path, cache) }
    #expect(try !use(first, cache).wasLoaded)
  }

  @Test func runsTakeTurnsAndAWaitingOneCanBeCancelled() throws {
    let cache = ModelCache(idleSeconds: 600)
    let (workspace, pack) = (Workspace(), try OpenedPack.open(first))
    let stages = Mutex<[String]>([])
    let done = DispatchSemaphore(value: 0)
    let isCancelled = Atomic(false)
    try cache.withModels(pack, .float32, in: Workspace(), progress: { _ in }) { _ in
      DispatchQueue.global().async {
        do {
          try cache.withModels(
            pack, .float32, in: workspace,
            progress: { update in
              stages.withLock { $0.append(update.stage) }
              workspace.cancel()
            }, { _ in })
        } catch { isCancelled.store(error is Cancelled, ordering: .relaxed) }
        done.signal()
      }
      #expect(done.wait(timeout: .now() + 10) == .success)
    }
    let wasCancelled = isCancelled.load(ordering: .relaxed)
    #expect(wasCancelled)
    let said = stages.withLock { $0 }
    #expect(said == ["Waiting for another run"])
  }
}
