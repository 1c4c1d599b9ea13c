// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import StableDiffusion
import TestSupport
import Testing

@testable import Engine

/// Memory is planned before it is taken.
@Suite struct MemoryTests {
  private let root = TemporaryFolder()

  private func available(_ files: [String: String]) -> Int {
    for (path, text) in files { root.write(text, path) }
    return SystemMemory(root: root.path).available
  }

  private func size(_ width: Int, _ height: Int, detail: Rectangle = .empty) -> PaintSize {
    PaintSize(width: 64, height: 64, region: Rectangle(x: 0, y: 0, width: width, height: height), detail: detail)
  }

  @Test func theSystemsMemory() {
    #expect(available(["proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable:    2000 kB\n"]) == 2000 << 10)
  }

  @Test func aControlGroupsLimitCountsItsCachesAsFree() {
    #expect(
      available([
        "proc/meminfo": "MemAvailable: 9000000 kB\n", "proc/self/cgroup": "0::/user/app\n",
        "sys/fs/cgroup/user/app/memory.max": "5000000\n", "sys/fs/cgroup/user/app/memory.current": "3000000\n",
        "sys/fs/cgroup/user/app/memory.stat": "anon 1\nactive_file 7\ninactive_file 1000000\n",
      ]) == 3_000_000)
  }

  @Test func theLimitOfAGroupAboveHoldsToo() {
    #expect(
      available([
        "proc/meminfo": "MemAvailable: 9000000 kB\n", "proc/self/cgroup": "0::/user/app\n",
        "sys/fs/cgroup/user/app/memory.max": "max\n", "sys/fs/cgroup/user/app/memory.current": "3000000\n",
        "sys/fs/cgroup/user/memory.max": "4000000\n", "sys/fs/cgroup/user/memory.current": "3500000\n",
      ]) == 500_000)
  }

  @Test func versionOneOfControlGroups() {
    #expect(
      available([
        "proc/meminfo": "MemAvailable: 9000000 kB\n", "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/abc\n",
        // Inside a container its own group is what lies at the mount.
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "7000000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "6000000\n",
        "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 500000\n",
      ]) == 1_500_000)
  }

  /// Its "unlimited" is a number, and the two counters are not read at one moment.
  @Test func versionOneWithoutALimit() {
    #expect(
      available([
        "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "4096\n",
        "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 1048576\n",
      ]) == 9_223_372_036_854_771_712)
  }

  @Test func memoryCountsMoreThanTimeWhereTheVariableSaysSo() throws {
    #expect(try !MemoryPlan.savesMemory { _ in nil } && !MemoryPlan.savesMemory { _ in "" })
    #expect(try MemoryPlan.savesMemory { $0 == "GEGL_INPAINT_MEMORY" ? "small" : nil })
    #expect(throws: InpaintingError.self) { try MemoryPlan.savesMemory { _ in "tiny" } }
  }

  @Test func withoutAnyOfThemNothingIsRefused() { #expect(available([:]) == .max) }

  @Test func aRunThatCannotFitSaysBothNumbersAndTheRemedy() throws {
    root.write("MemAvailable: 102400 kB\n", "proc/meminfo")
    let summary = try ModelSummary(OpenedPack.open(fixtures + "/packs/tiny-sd15"))
    let plan = MemoryPlan(tensorBytes: summary.activationBytes(pixels: 64 * 64), size(64, 64)).reading(1 << 30)
    let error = #expect(throws: InpaintingError.self) { try plan.check(SystemMemory(root: root.path)) }
    let text = try #require(error).description
    let needed = (plan.needed + (1 << 20) - 1) >> 20
    #expect(needed > 1024)
    #expect(text.hasPrefix("this run needs about \(needed) MB of memory, 100 MB are available; use a smaller working-size"))
    let other = MemoryPlan(tensorBytes: 1 << 30, size(64, 64), canQuantize: true)
    let hint = #expect(throws: InpaintingError.self) { try other.check(SystemMemory(root: root.path)) }
    #expect(try #require(hint).description.contains("use precision=int8, a smaller working-size"))
  }

  @Test func weightsThatGoBeforeTheTensorsComeAreNotCountedTwice() {
    let plan = MemoryPlan(tensorBytes: 500 << 20, size(0, 0))
    #expect(plan.reading(1 << 30).needed - plan.reading(1 << 30, releasing: 200 << 20).needed == 200 << 20)
    #expect(plan.reading(1 << 30, releasing: 1 << 30).needed >= 1 << 30)
  }

  @Test func matchingDetailIsPlannedAndCanBeLeftOut() throws {
    root.write("MemAvailable: 102400 kB\n", "proc/meminfo")
    let part = Rectangle(x: 0, y: 0, width: 1000, height: 800)
    let without = MemoryPlan(tensorBytes: 0, size(4000, 3000))
    let with = MemoryPlan(tensorBytes: 0, size(4000, 3000, detail: part))
    #expect(with.needed - without.needed == 4 * DetailMatch.floatsPerPixel * part.area)
    let refined = PaintSize(
      width: 64, height: 64, region: Rectangle(x: 0, y: 0, width: 4000, height: 3000), detail: part,
      tile: Rectangle(x: 0, y: 0, width: 64, height: 64))
    let refinedBytes = MemoryPlan(tensorBytes: 0, refined).needed - without.needed
    #expect(refinedBytes == 4 * refined.detailFloats && refinedBytes > 4 * 8 * part.area && refinedBytes < with.needed - without.needed)
    let error = #expect(throws: InpaintingError.self) { try with.check(SystemMemory(root: root.path)) }
    #expect(try #require(error).description.hasSuffix("use a smaller working-size, crop=auto, detail=model, the variable GEGL_INPAINT_MEMORY=small, or a smaller model"))
  }
}
