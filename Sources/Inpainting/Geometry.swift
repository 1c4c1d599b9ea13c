/// A rectangle of pixels, origin top left.
public struct Rectangle: Equatable, Sendable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public static let empty = Rectangle(x: 0, y: 0, width: 0, height: 0)

  public var isEmpty: Bool { width <= 0 || height <= 0 }
  var right: Int { x + width }
  var bottom: Int { y + height }
  var area: Int { width * height }
  var longerSide: Int { max(width, height) }

  func expanded(by margin: Int) -> Rectangle {
    Rectangle(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }

  func expanded(by margins: Margins) -> Rectangle {
    Rectangle(
      x: x - margins.left, y: y - margins.top, width: width + margins.left + margins.right,
      height: height + margins.top + margins.bottom)
  }

  func intersection(_ other: Rectangle) -> Rectangle {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let (right, bottom) = (min(right, other.right), min(bottom, other.bottom))
    return right > left && bottom > top ? Rectangle(x: left, y: top, width: right - left, height: bottom - top) : .empty
  }

  func union(_ other: Rectangle) -> Rectangle {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let (left, top) = (min(x, other.x), min(y, other.y))
    return Rectangle(
      x: left, y: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
  }

  /// The same place with the top left of `other` as the origin.
  func seen(from other: Rectangle) -> Rectangle {
    Rectangle(x: x - other.x, y: y - other.y, width: width, height: height)
  }

  /// Grown around its centre to at least `size` on each side, moved into `bounds` and cut there.
  func enlarged(to size: Int, within bounds: Rectangle) -> Rectangle {
    func place(_ start: Int, _ length: Int, _ low: Int, _ available: Int) -> (Int, Int) {
      let wanted = min(max(length, size), available)
      let centred = start - (wanted - length) / 2
      return (min(max(centred, low), low + available - wanted), wanted)
    }
    let (left, newWidth) = place(x, width, bounds.x, bounds.width)
    let (top, newHeight) = place(y, height, bounds.y, bounds.height)
    return Rectangle(x: left, y: top, width: newWidth, height: newHeight)
  }
}

/// Pixels beyond each side of a rectangle.
public struct Margins: Equatable, Sendable {
  public var left = 0
  public var right = 0
  public var top = 0
  public var bottom = 0

  public init() {}
}

/// Pixels in rows without gaps, channels side by side.
public struct Picture: Equatable, Sendable {
  public let width: Int
  public let height: Int
  public let channels: Int
  public var values: [Float]

  public init(width: Int, height: Int, channels: Int = 1, values: [Float]) {
    precondition(values.count == width * height * channels, "\(values.count) values, \(width) x \(height) x \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }

  public init(width: Int, height: Int, channels: Int = 1, filledWith value: Float = 0) {
    self.init(
      width: width, height: height, channels: channels,
      values: [Float](repeating: value, count: width * height * channels))
  }
}
