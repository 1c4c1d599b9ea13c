import StableDiffusion

/// Whether a run fits, decided before anything large is taken.
///
/// Measured against it: SD 1.5 in float16 at 512 x 512 took 3,040 MB at its peak, planned are 3,372.
public enum MemoryPlan {
  /// The runtime and OpenBLAS' buffers.
  private static let overhead = 160 << 20
  /// Floats for each of the region's pixels while its colours are brought to working size, and later the fill's back.
  private static let floatsPerRegionPixel = 9

  /// Bytes that a run takes at its peak, `weightBytes` of them for weights that have to be read.
  static func needed(_ model: ModelSummary, plan: RegionPlan, weightBytes: Int) -> Int {
    let regionPixels = plan.region.width * plan.region.height
    return weightBytes + model.activationBytes(pixels: plan.workingWidth * plan.workingHeight)
      + regionPixels * floatsPerRegionPixel * MemoryLayout<Float>.stride + overhead
  }

  /// Bytes that reading the weights and a run over a region of the model's native size take.
  public static func needed(_ model: ModelSummary, weightBytes: Int) -> Int {
    let side = model.nativeSize
    let picture = Rectangle(x: 0, y: 0, width: side, height: side)
    let plan = RegionPlan(MaskBoxes([1], width: 1, height: 1), in: picture, RegionPlan.Settings(nativeSize: side))
    return needed(model, plan: plan, weightBytes: weightBytes)
  }

  /// Bytes that this process may still take.
  public static var available: Int { SystemMemory().available }

  /// Throws with both numbers and a remedy if a run does not fit.
  static func check(_ model: ModelSummary, plan: RegionPlan, weightBytes: Int, memory: SystemMemory = SystemMemory()) throws {
    let needed = needed(model, plan: plan, weightBytes: weightBytes)
    let available = memory.available
    guard needed <= available else {
      throw InpaintingError(
        "this run needs about \(megabytes(needed)) MB of memory, \(megabytes(available)) MB are available; "
          + "use a smaller working-size, crop=auto, or a smaller model")
    }
  }
}

/// Whole megabytes, rounded up.
public func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
