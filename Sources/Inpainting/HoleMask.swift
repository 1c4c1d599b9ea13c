/// The mask rules, over the region that the models see.
struct HoleMask {
  /// 1 where the model repaints, else 0: mask 0.5 or more, grown by a disc.
  let hole: Picture
  /// The share of the fill in the result: 1 in the hole, falling to 0 outward over `feather` pixels, and nowhere below
  /// the mask itself.
  let weight: Picture

  /// mask: one channel; grow and feather in pixels.
  init(_ mask: Picture, grow: Int, feather: Double) {
    let distances = squaredDistances(mask)
    var hole = mask
    var weight = mask
    for index in mask.values.indices {
      let distance = Double(distances[index]).squareRoot() - Double(grow)
      hole.values[index] = distance <= 0 ? 1 : 0
      // The first pixel outside is one step down a ramp of feather + 1 steps.
      weight.values[index] = distance <= 0 ? 1 : max(mask.values[index], Float(max(0, 1 - distance / (feather + 1))))
    }
    self.hole = hole
    self.weight = weight
  }
}

/// Squared distance of each pixel to the nearest one with mask 0.5 or more; huge where there is none (Felzenszwalb and
/// Huttenlocher 2012: lower envelopes of parabolas, along columns, then rows).
private func squaredDistances(_ mask: Picture) -> [Float] {
  let (width, height) = (mask.width, mask.height)
  var distances = mask.values.map { $0 >= 0.5 ? Float(0) : 1e12 }
  var envelope = Envelope(capacity: max(width, height))
  distances.withUnsafeMutableBufferPointer { values in
    for x in 0..<width { envelope.transform(values.baseAddress! + x, count: height, stride: width) }
    for y in 0..<height { envelope.transform(values.baseAddress! + y * width, count: width, stride: 1) }
  }
  return distances
}

private struct Envelope {
  private var line: [Float]
  private var vertices: [Int]
  private var borders: [Float]

  init(capacity: Int) {
    line = [Float](repeating: 0, count: capacity)
    vertices = [Int](repeating: 0, count: capacity)
    borders = [Float](repeating: 0, count: capacity + 1)
  }

  mutating func transform(_ values: UnsafeMutablePointer<Float>, count: Int, stride: Int) {
    for index in 0..<count { line[index] = values[index * stride] }
    var last = 0
    vertices[0] = 0
    (borders[0], borders[1]) = (-.infinity, .infinity)
    for index in 1..<max(count, 1) {
      func border(_ vertex: Int) -> Float {
        (line[index] - line[vertex] + Float(index * index - vertex * vertex)) / Float(2 * (index - vertex))
      }
      while border(vertices[last]) <= borders[last] { last -= 1 }
      last += 1
      borders[last] = border(vertices[last - 1])
      vertices[last] = index
      borders[last + 1] = .infinity
    }
    last = 0
    for index in 0..<count {
      while borders[last + 1] < Float(index) { last += 1 }
      let distance = Float(index - vertices[last])
      values[index * stride] = min(distance * distance + line[vertices[last]], 1e12)
    }
  }
}
