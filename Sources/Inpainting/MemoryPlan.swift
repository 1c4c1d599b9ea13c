import Glibc
import StableDiffusion

/// Whether a run fits, decided before anything large is taken.
enum MemoryPlan {
  /// The runtime, OpenBLAS' buffers, the region's pixels.
  private static let overhead = 192 << 20

  /// Throws with both numbers and a remedy if the weights (unless loaded) and a run over `pixels` do not fit.
  static func check(_ model: ModelSummary, pixels: Int, isLoaded: Bool) throws {
    let needed = (isLoaded ? 0 : model.weightBytes) + model.activationBytes(pixels: pixels) + overhead
    let available = self.available
    guard needed <= available else {
      throw InpaintingError(
        "this run needs about \(megabytes(needed)) MB of memory, \(megabytes(available)) MB are available; "
          + "use a smaller working-size, crop=auto, or a smaller model")
    }
  }

  private static func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }

  /// What this process may still take: the system's free memory, its control group's, its address space.
  static var available: Int { [systemMemory, groupMemory, addressSpace].compactMap { $0 }.min() ?? .max }

  private static var systemMemory: Int? {
    ProcFile.lines("/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 << 10 }
  }

  /// Control groups version 2, the nearest one; caches can be given back and do not count.
  private static var groupMemory: Int? {
    guard let path = ProcFile.lines("/proc/self/cgroup").first(where: { $0.hasPrefix("0::") })?.dropFirst(3) else { return nil }
    let folder = "/sys/fs/cgroup" + path
    guard let limit = ProcFile.lines(folder + "/memory.max").first.flatMap({ Int($0) }),
      let used = ProcFile.lines(folder + "/memory.current").first.flatMap({ Int($0) })
    else { return nil }
    let cached = ProcFile.lines(folder + "/memory.stat").first { $0.hasPrefix("inactive_file ") }
      .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    return max(0, limit - used + cached)
  }

  private static var addressSpace: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)), &limit) == 0, limit.rlim_cur != rlim_t.max,
      let pages = ProcFile.lines("/proc/self/statm").first?.split(separator: " ").first.flatMap({ Int($0) })
    else { return nil }
    return max(0, Int(clamping: limit.rlim_cur) - pages * sysconf(Int32(_SC_PAGESIZE)))
  }
}
