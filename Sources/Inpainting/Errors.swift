/// Why a request cannot be carried out: the cause and what to do.
public struct InpaintingError: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
