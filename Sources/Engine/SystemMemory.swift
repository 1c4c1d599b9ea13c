// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc

/// What this process may still take, as the kernel tells.
struct SystemMemory {
  /// Where the kernel's folders /proc and /sys lie.
  var root = ""

  /// Bytes: the least of the system's free memory, its control groups' and its address space's.
  var available: Int { [freeOfSystem, freeOfGroups, freeAddresses].compactMap { $0 }.min() ?? .max }

  private var freeOfSystem: Int? {
    lines("/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 << 10 }
  }

  /// A limit holds for all groups below the one that has it, so the path is walked up to its root.
  private var freeOfGroups: Int? {
    lines("/proc/self/cgroup").compactMap { line -> Int? in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      if fields[1].isEmpty {
        return free(of: fields[2], below: "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file ")
      }
      guard fields[1].split(separator: ",").contains("memory") else { return nil }
      return free(
        of: fields[2], below: "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
        "total_inactive_file ")
    }.min()
  }

  private func free(
    of group: Substring, below mount: String, _ limitFile: String, _ usageFile: String, _ cacheKey: String
  ) -> Int? {
    var path = mount + group
    var least: Int?
    while path.hasPrefix(mount) {
      if let limit = integer(path + "/" + limitFile), let used = integer(path + "/" + usageFile) {
        // Caches are given back when memory runs short.
        let cached = lines(path + "/memory.stat").first { $0.hasPrefix(cacheKey) }
          .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
        least = min(least ?? .max, max(0, limit - max(0, used - cached)))
      }
      path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
    return least
  }

  private var freeAddresses: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)), &limit) == 0, limit.rlim_cur != rlim_t.max,
      let pages = lines("/proc/self/statm").first?.split(separator: " ").first.flatMap({ Int($0) })
    else { return nil }
    return max(0, Int(clamping: limit.rlim_cur) - pages * sysconf(Int32(_SC_PAGESIZE)))
  }

  private func integer(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private func lines(_ path: String) -> [Substring] { ProcFile.lines(root + path) }
}
