// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Imaging
import Numerics

/// Whether a run fits, decided before anything large is taken.
///
/// Measured against it: SD 1.5 in float16 at 512 x 512 with guidance took 2,558 MB at its peak, planned are 2,677; in int8
/// 1,500 and 1,626.
package struct MemoryPlan {
  /// Of tensors at once; a run reserves them.
  let tensorBytes: Int
  private var weightBytes = 0
  /// Of those, what has gone before the tensors take most.
  private var releasedBytes = 0
  private let pictureBytes: Int
  private let remedies: String

  /// The runtime, the code, and the host's graph.
  private static let overhead = 160 << 20
  /// What the formulas of the models leave out: contexts, and scratch of each processor.
  private static let scratch = (16 + 8 * processorCount) << 20
  /// Floats for each of the region's pixels while its colours are brought to working size, and later the fill's back.
  private static let floatsPerRegionPixel = 9

  /// tensorBytes: of the models over a job of this size, when all weights have been read.  canQuantize: whether int8 is
  /// to be had.
  init(tensorBytes: Int, _ size: PaintSize, canQuantize: Bool = false) {
    self.tensorBytes = tensorBytes + Self.scratch
    let floats = size.region.area * Self.floatsPerRegionPixel + size.detailFloats
    pictureBytes = floats * MemoryLayout<Float>.stride
    remedies = (canQuantize ? "precision=int8, " : "")
      + "a smaller working-size, crop=auto, \(size.detail.isEmpty ? "" : "detail=model, ")"
      + "the variable GEGL_INPAINT_MEMORY=small, or a smaller model"
  }

  /// The same with so many bytes of weights that have to be read, of which some go when a prompt has been read.
  func reading(_ weightBytes: Int, releasing releasedBytes: Int = 0) -> MemoryPlan {
    var plan = self
    plan.weightBytes = weightBytes
    plan.releasedBytes = releasedBytes
    return plan
  }

  /// Bytes that the run takes at its peak.
  var needed: Int { max(tensorBytes - releasedBytes, 0) + weightBytes + pictureBytes + Self.overhead }

  /// Whether memory counts more than time: `GEGL_INPAINT_MEMORY=small`.  Throws for any other value.
  static func savesMemory(_ environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) throws -> Bool {
    switch environment("GEGL_INPAINT_MEMORY") ?? "" {
    case "": false
    case "small": true
    case let other: throw InpaintingError("the variable GEGL_INPAINT_MEMORY is \"\(other)\"; it may be small, or unset")
    }
  }

  /// Bytes that this process may still take.
  package static var available: Int { SystemMemory().available }

  /// Throws with both numbers and a remedy if the run does not fit.
  func check(_ memory: SystemMemory = SystemMemory()) throws {
    let available = memory.available
    guard needed <= available else {
      throw InpaintingError(
        "this run needs about \(megabytes(needed)) MB of memory, \(megabytes(available)) MB are available; "
          + "use \(remedies)")
    }
  }
}

/// Whole megabytes, rounded up.
package func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
