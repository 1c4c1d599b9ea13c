// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints

extension SchedulerConfiguration {
  /// A pack without `scheduler/` gets Stable Diffusion's.
  ///
  /// Throws `CheckpointError` where the folder is there without its file, or with one that is no object.
  public init(_ pack: OpenedPack) throws {
    // The file first, which an open pack reads once: where it goes later, the schedule stays what it was.
    if let json = try pack.object("scheduler/scheduler_config.json") {
      self.init(json, source: pack.path + "/scheduler")
      return
    }
    guard !pack.hasFolder("scheduler") else {
      throw CheckpointError("no scheduler_config.json in \(pack.path)/scheduler")
    }
    self = .stableDiffusion
  }
}
