/// Why a model file cannot be used: names the file, the tensor or key, and the remedy.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
  public let message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
