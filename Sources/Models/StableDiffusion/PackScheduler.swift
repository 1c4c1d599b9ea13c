import Checkpoints

extension SchedulerConfiguration {
  /// A pack without `scheduler/` gets Stable Diffusion's.
  ///
  /// Throws `CheckpointError` where the folder is there without its file, or with one that is no object.
  public init(_ pack: OpenedPack) throws {
    if let json = try pack.object("scheduler/scheduler_config.json") {
      self.init(json, source: pack.path + "/scheduler")
    } else if pack.hasFolder("scheduler") {
      throw CheckpointError("no scheduler_config.json in \(pack.path)/scheduler")
    } else {
      self = .stableDiffusion
    }
  }
}
