import Checkpoints

extension SchedulerConfiguration {
  /// A pack without `scheduler/` gets Stable Diffusion's.
  ///
  /// Throws `CheckpointError` where the folder is there without its file, or with one that is no object.
  public init(_ pack: OpenedPack) throws {
    guard pack.hasFolder("scheduler") else {
      self = .stableDiffusion
      return
    }
    guard let json = try pack.object("scheduler/scheduler_config.json") else {
      throw CheckpointError("no scheduler_config.json in \(pack.path)/scheduler")
    }
    self.init(json, source: pack.path + "/scheduler")
  }
}
