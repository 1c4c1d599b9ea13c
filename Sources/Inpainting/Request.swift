import Checkpoints
import StableDiffusion

/// The operations, and what differs between them.
public enum Operation: String, CaseIterable, Sendable {
  case sdInpaint = "inpaint:sd-inpaint"

  /// Guidance where neither the user nor the pack says one.
  var usualGuidance: Double {
    switch self {
    case .sdInpaint: 7.5
    }
  }
}

/// An operation's properties, checked.  Names and ranges: the operation's own documentation.
public struct Request: Sendable {
  public var operation: Operation
  public var model = ""
  public var prompt = ""
  public var negativePrompt = ""
  public var steps = 20
  public var sampler = SamplerKind.dpmpp2M
  /// 0: what the pack recommends.
  public var guidance = 0.0
  public var strength = 1.0
  public var seed: UInt64 = 0
  public var grow = 0
  public var feather = 4.0
  public var cropsToMask = true
  public var context = 0.5
  public var workingSize = 0
  public var preserve = true
  public var matchesColor = false

  public init(_ operation: Operation) { self.operation = operation }

  /// Throws `InpaintingError` for the first property out of its range.
  public func validate() throws {
    func check(_ condition: Bool, _ name: String, _ range: String) throws {
      if !condition { throw InpaintingError("\(name) is out of range; it may be \(range)") }
    }
    try check((1...150).contains(steps), "steps", "1 to 150")
    try check((0...30).contains(guidance), "guidance", "0 to 30")
    try check((0...1).contains(strength), "strength", "0 to 1")
    try check((0...256).contains(grow), "grow", "0 to 256")
    try check((0...256).contains(feather), "feather", "0 to 256")
    try check((0...8).contains(context), "context", "0 to 8")
    try check((0...8192).contains(workingSize), "working-size", "0 to 8192")
  }

  /// The prompt as it stands in a text file.  Throws where the file cannot be read or is no text.
  public mutating func readPrompt(_ path: String) throws {
    prompt = try RegularFile.text(path, limit: 1 << 20)
  }

  func samplingSettings(guidance: Double) -> SamplingSettings {
    var settings = SamplingSettings()
    settings.prompt = prompt
    settings.negativePrompt = negativePrompt
    settings.steps = steps
    settings.sampler = sampler
    settings.guidance = guidance
    settings.strength = strength
    settings.seed = seed
    return settings
  }
}
