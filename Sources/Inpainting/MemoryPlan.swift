import Checkpoints
import Glibc
import StableDiffusion
import Tensors

/// Whether a run fits, decided before anything large is taken.
///
/// Measured against it: SD 1.5 in float16 at 512 x 512 took 3,040 MB at its peak, planned are 3,285.
public struct MemoryPlan {
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

  /// tensorBytes: of the models; region: what they look at; detail: where the fill's detail is matched.  All weights are read.
  init(tensorBytes: Int, region: Rectangle, detail: Rectangle = .empty) {
    self.tensorBytes = tensorBytes + Self.scratch
    let floats = region.area * Self.floatsPerRegionPixel + detail.area * DetailMatch.floatsPerPixel
    pictureBytes = floats * MemoryLayout<Float>.stride
    remedies = "a smaller working-size, crop=auto, \(detail.isEmpty ? "" : "detail=model, ")or a smaller model"
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

  /// Bytes that an operation takes with nothing read yet, all properties as they are and a region of the model's native
  /// size.  Throws where the pack's files cannot be read.
  public static func needed(_ operation: Operation, _ pack: OpenedPack) throws -> Int {
    let (steering, model) = (try Steering(Request(operation), pack), try ModelSummary(pack))
    let side = model.nativeSize
    let region = Rectangle(x: 0, y: 0, width: side, height: side)
    return MemoryPlan(
      tensorBytes: try steering.tensorBytes(pack, model, pixels: side * side), region: region,
      detail: steering.matchesDetail ? region : .empty
    ).reading(try steering.weightBytes(pack, steering.parts)).needed
  }

  /// Whether memory counts more than time: `GEGL_INPAINT_MEMORY=small`.  Throws for any other value.
  static func savesMemory(_ environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) throws -> Bool {
    switch environment("GEGL_INPAINT_MEMORY") ?? "" {
    case "": false
    case "small": true
    case let other: throw InpaintingError("the variable GEGL_INPAINT_MEMORY is \"\(other)\"; it may be small, or unset")
    }
  }

  /// Bytes that this process may still take.
  public static var available: Int { SystemMemory().available }

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
public func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
