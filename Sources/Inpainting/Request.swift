import Checkpoints
import StableDiffusion

/// The operations, and what differs between them.
public enum Operation: String, CaseIterable, Sendable {
  case sdInpaint = "inpaint:sd-inpaint"
  case asukaInpaint = "inpaint:asuka-inpaint"
  case seeleRemove = "inpaint:seele-remove"
  case seeleComplete = "inpaint:seele-complete"
  case seeleHarmonize = "inpaint:seele-harmonize"
  case outpaint = "inpaint:outpaint"

  /// Guidance with a text where neither the user nor the pack says one; with any other context it is 1.
  var usualGuidance: Double {
    switch self {
    case .sdInpaint, .outpaint: 7.5
    case .asukaInpaint, .seeleRemove, .seeleComplete, .seeleHarmonize: 1
    }
  }

  /// Whether what the model gives is added to the picture, instead of taking its place.
  var addsToPicture: Bool { self == .seeleHarmonize }
}

/// Whether a fill's colours are matched to the known pixels around it.
public enum ColorMatchChoice: String, Sendable {
  /// Where an operation fills by its surroundings, and no text asks for other colours.
  case auto
  case always = "true"
  case never = "false"
}

/// Who turns latents into a picture.
public enum DecoderChoice: String, Sendable {
  /// ASUKA's operation takes the harmonizing decoder, outpainting where the pack has one, others where it advises one.
  case auto
  case plain
  case harmonizing
}

/// Where a fill's detail comes from.
public enum DetailChoice: String, Sendable {
  /// The pack's advice, else the model.
  case auto
  case model
  /// Patches of the known pixels.
  case surroundings
}

/// What the properties of all operations may be; not a number is in no range.
enum PropertyRanges {
  static let steps = 0...150
  static let jumpLength = 1...150  // steps
  static let jumpSamples = 1...100
  static let guidance = 0.0...30
  static let strength = 0.0...1
  static let priorStrength = 0.0...1
  static let loraScale = -10.0...10
  static let growth = 0...8192  // pixels
  static let grow = 0...256  // pixels
  static let feather = 0.0...256  // pixels
  static let context = 0.0...8  // shares of the box's longer side
  static let workingSize = 0...8192  // pixels
}

/// An operation's properties, checked.  Names and ranges: the operation's own documentation.
public struct Request: Sendable {
  public var operation: Operation
  public var model = ""
  public var prompt = ""
  /// File of a learned context, in place of the prompt.
  public var taskPrompt = ""
  /// File of a LoRA, and how strongly it counts.
  public var lora = ""
  public var loraScale = 1.0
  public var negativePrompt = ""
  /// 0: what the pack recommends, else 20.
  public var steps = 0
  public var sampler = SamplerKind.dpmpp2M
  public var jumpLength = 10
  public var jumpSamples = 10
  /// 0: what the pack recommends.
  public var guidance = 0.0
  public var strength = 1.0
  public var seed: UInt64 = 0
  /// By how much the canvas grows, in pixels; what is added is filled.
  public var growth = Margins()
  public var grow = 0
  public var feather = 4.0
  public var cropsToMask = true
  public var context = 0.5
  public var workingSize = 0
  public var preserve = true
  public var decoder = DecoderChoice.auto
  /// ASUKA's: 0 = the empty prompt's context, 1 = the masked autoencoder's.
  public var priorStrength = 1.0
  public var colorMatch = ColorMatchChoice.auto
  public var detail = DetailChoice.auto

  public init(_ operation: Operation) { self.operation = operation }

  /// Whether a context of the user's own says what to paint.
  private var hasPrompt: Bool { !prompt.allSatisfy(\.isWhitespace) || !taskPrompt.isEmpty }

  /// Whether the fill's colours are matched to the known pixels around it.
  var matchesColor: Bool {
    switch colorMatch {
    case .always: true
    case .never: false
    case .auto:
      switch operation {
      case .asukaInpaint, .seeleRemove, .outpaint: true
      case .sdInpaint: !hasPrompt
      case .seeleComplete, .seeleHarmonize: false
      }
    }
  }

  /// Throws `InpaintingError` for the first property out of its range.
  public func validate() throws {
    func check<Value>(_ value: Value, _ range: ClosedRange<Value>, _ name: String) throws {
      guard range.contains(value) else {
        throw InpaintingError("\(name) is \(value); it may be \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check(steps, PropertyRanges.steps, "steps")
    try check(jumpLength, PropertyRanges.jumpLength, "jump-length")
    try check(jumpSamples, PropertyRanges.jumpSamples, "jump-samples")
    try check(guidance, PropertyRanges.guidance, "guidance")
    try check(strength, PropertyRanges.strength, "strength")
    try check(loraScale, PropertyRanges.loraScale, "lora-scale")
    try check(priorStrength, PropertyRanges.priorStrength, "prior-strength")
    try check(growth.left, PropertyRanges.growth, "left")
    try check(growth.right, PropertyRanges.growth, "right")
    try check(growth.top, PropertyRanges.growth, "top")
    try check(growth.bottom, PropertyRanges.growth, "bottom")
    try check(grow, PropertyRanges.grow, "grow")
    try check(feather, PropertyRanges.feather, "feather")
    try check(context, PropertyRanges.context, "context")
    try check(workingSize, PropertyRanges.workingSize, "working-size")
  }

  /// The prompt as it stands in a text file of at most 1 MB.  Throws where the file cannot be read or is no text.
  public mutating func readPrompt(_ path: String) throws {
    do { prompt = try RegularFile.text(path, limit: 1 << 20) } catch let error as CheckpointError {
      throw InpaintingError("prompt-file: \(error.message)")
    }
  }
}
