import Checkpoints
import Dispatch
import Glibc
import StableDiffusion
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Inpainting

/// One model stays loaded.
@Suite struct ModelCacheTests {
  private let folder = TemporaryFolder()
  private let first = fixtures + "/packs/tiny-sd15"
  private let second = fixtures + "/packs/tiny-sd2"

  private struct Seen {
    weak var model: LoadedModel?
    var missing: [ModelPart] = []
    var wasLoaded: Bool { missing.isEmpty }
  }

  private func use(
    _ path: String, _ cache: ModelCache, _ parts: [ModelPart] = [.textEncoder, .unet, .autoencoder]
  ) throws -> Seen {
    var seen = Seen()
    try cache.withModel(
      OpenedPack.open(path), parts, in: Workspace(), prepare: { seen.missing = $0 }, progress: { _ in },
      { seen.model = $0 })
    return seen
  }

  @Test func aSecondRunFindsTheModelLoaded() throws {
    let cache = ModelCache(idleSeconds: 600)
    let runs = try [use(first, cache), use(first + "/model_index.json", cache)]
    #expect(runs.map(\.wasLoaded) == [false, true])
    #expect(runs[0].model != nil && runs[0].model === runs[1].model)
  }

  @Test func onlyWhatARunNeedsIsReadAndWhatItLacksIsAdded() throws {
    let cache = ModelCache(idleSeconds: 600)
    #expect(try use(first, cache, [.autoencoder]).missing == [.autoencoder])
    #expect(try use(first, cache, [.unet, .autoencoder]).missing == [.unet])
  }

  @Test func anotherModelTakesItsPlace() throws {
    let cache = ModelCache(idleSeconds: 600)
    let one = try use(first, cache)
    let other = try use(second, cache)
    #expect(one.model == nil && other.model != nil && !other.wasLoaded)
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
    #expect(try use(gone.path, cache, [.autoencoder]).missing == [.autoencoder])
    rename(gone.path + "/unet", gone.path + "/moved")
    link(folder)
    #expect(try use(folder.path, cache, [.unet]).missing == [.unet])
  }

  @Test func itIsReleasedWhenIdle() throws {
    let seen = try use(first, ModelCache(idleSeconds: 0))
    var turns = 0
    while seen.model != nil, turns < 2000 {  // ten seconds
      usleep(5000)
      turns += 1
    }
    #expect(seen.model == nil)
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
    try cache.withModel(pack, [.unet], in: Workspace(), prepare: { _ in }, progress: { _ in }) { _ in
      DispatchQueue.global().async {
        do {
          try cache.withModel(
            pack, [.unet], in: workspace, prepare: { _ in },
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

  @Test func loadingCanBeCancelled() throws {
    let (cache, workspace) = (ModelCache(idleSeconds: 600), Workspace())
    #expect(throws: Cancelled.self) {
      try cache.withModel(
        OpenedPack.open(first), [.unet], in: workspace, prepare: { _ in }, progress: { _ in workspace.cancel() }, { _ in })
    }
    #expect(try !use(first, cache).wasLoaded)
  }
}
