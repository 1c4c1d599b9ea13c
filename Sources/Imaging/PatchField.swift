// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Numerics

/// For each patch that touches a hole, the most similar one that does not: a nearest-neighbour field by PatchMatch
/// (Barnes et al. 2009).
///
/// Patches are squares of `side` pixels, named by their top left.  Bands of rows are searched side by side and hand
/// matches on within themselves only; they lie otherwise in every second sweep.  So the field depends on the seed, not
/// on the number of processors.
struct PatchField {
  /// Pixels.
  static let side = 5
  private static let rowsOfBand = 32
  /// How far from a match others are tried where a coarser field has looked everywhere, in pixels.
  private static let reachOfFiner = 32

  private struct Patch {
    /// The match's y * width + x; of patches that are not matched -1.
    var match: Int32 = -1
    /// The squared distance from it.
    var cost = Float.infinity
  }

  let width: Int
  let height: Int
  private var patches: [Patch]
  /// The patches that others may be matched with.
  private var isSource: [Bool]
  private let reach: Int
  private var random: SplitMix64

  /// nil where no patch touches the hole, or all do, and for more pixels than have a number.  hole: 1 or 0; coarser: of
  /// the same picture at half the size (a last odd pixel counts), whose matches are taken to start from.
  init?(around hole: Picture, from coarser: PatchField?, seed: UInt64) {
    (width, height, random) = (hole.width, hole.height, SplitMix64(state: seed))
    reach = coarser == nil ? max(width, height) : Self.reachOfFiner
    guard width * height <= Int(Int32.max) else { return nil }
    patches = [Patch](repeating: Patch(), count: width * height)
    isSource = [Bool](repeating: false, count: width * height)
    let sums = SummedArea(hole)
    var (sources, targets): ([Int], [Int]) = ([], [])
    for y in 0..<max(height - Self.side + 1, 0) {
      for x in 0..<max(width - Self.side + 1, 0) {
        let index = y * width + x
        isSource[index] = sums.isZero(x: x, y: y, side: Self.side)
        if isSource[index] { sources.append(index) } else { targets.append(index) }
      }
    }
    guard !sources.isEmpty, !targets.isEmpty else { return nil }
    for index in targets {
      let carried = coarser?.doubled(x: index % width, y: index / width, width: width, height: height)
      let match = if let carried, isSource[carried] { carried } else { sources[random.below(sources.count)] }
      patches[index].match = Int32(match)
    }
  }

  /// The match of a patch as a place in a picture of twice the size.
  private func doubled(x: Int, y: Int, width: Int, height: Int) -> Int? {
    let (column, row) = (min(x / 2, self.width - Self.side), min(y / 2, self.height - Self.side))
    let match = Int(patches[row * self.width + column].match)
    guard match >= 0 else { return nil }
    let (left, top) = (match % self.width * 2 + x % 2, match / self.width * 2 + y % 2)
    return left < width && top < height ? top * width + left : nil
  }

  /// Goes over all patches for nearer matches once, by features of the pixels; `number` of several times by the same.
  mutating func sweep(_ features: [SIMD8<Float>], number: Int) {
    let rows = height - Self.side + 1
    let offset = number % 2 * Self.rowsOfBand / 2
    let bands = (rows + offset + Self.rowsOfBand - 1) / Self.rowsOfBand
    let seeds = (0..<bands).map { _ in random.next() }
    features.withUnsafeBufferPointer { features in
      isSource.withUnsafeBufferPointer { isSource in
        patches.withUnsafeMutableBufferPointer { patches in
          nonisolated(unsafe) let sweep = Sweep(
            width: width, height: height, features: features.baseAddress!, isSource: isSource.baseAddress!,
            patches: patches.baseAddress!, reach: reach, forgets: number == 0, backward: number % 2 == 1)
          parallel(bands, grain: 1) { band in
            let first = band.lowerBound * Self.rowsOfBand - offset
            sweep.run(max(first, 0)..<min(first + Self.rowsOfBand, rows), SplitMix64(state: seeds[band.lowerBound]))
          }
        }
      }
    }
  }

  /// One way over the patches, each of which takes what is nearer of the places beside its neighbours' matches, and of
  /// places at random in ever smaller windows about its own.
  private struct Sweep {
    let width: Int
    let height: Int
    let features: UnsafePointer<SIMD8<Float>>
    let isSource: UnsafePointer<Bool>
    let patches: UnsafeMutablePointer<Patch>
    let reach: Int
    /// Costs are those of other features.
    let forgets: Bool
    let backward: Bool

    func run(_ rows: Range<Int>, _ generator: SplitMix64) {
      var random = generator
      let columns = width - PatchField.side + 1
      let step = backward ? -1 : 1
      if forgets {
        for y in rows {
          for index in y * width..<y * width + columns where patches[index].match >= 0 {
            patches[index].cost = distance(index, Int(patches[index].match), below: .infinity)
          }
        }
      }
      for row in 0..<rows.count {
        let y = backward ? rows.upperBound - 1 - row : rows.lowerBound + row
        for column in 0..<columns {
          let x = backward ? columns - 1 - column : column
          let index = y * width + x
          guard patches[index].match >= 0 else { continue }
          if row > 0 { propagate(index, index - step * width, dx: 0, dy: step) }
          if column > 0 { propagate(index, index - step, dx: step, dy: 0) }
          var radius = reach
          while radius > 0 {
            let match = Int(patches[index].match)
            let left = match % width + random.below(2 * radius + 1) - radius
            let top = match / width + random.below(2 * radius + 1) - radius
            tryPlace(index, x: left, y: top)
            radius /= 2
          }
        }
      }
    }

    /// Propagation (section 3.2): tries match(neighbour) + (dx, dy), where the patch is neighbour + (dx, dy).
    private func propagate(_ index: Int, _ neighbour: Int, dx: Int, dy: Int) {
      let match = Int(patches[neighbour].match)
      if match >= 0 { tryPlace(index, x: match % width + dx, y: match / width + dy) }
    }

    private func tryPlace(_ index: Int, x: Int, y: Int) {
      guard x >= 0, y >= 0, x < width, y < height else { return }
      let place = y * width + x
      guard isSource[place] else { return }
      let cost = distance(index, place, below: patches[index].cost)
      if cost < patches[index].cost { patches[index] = Patch(match: Int32(place), cost: cost) }
    }

    /// The squared distance of two patches, or one that is `limit` or more.
    private func distance(_ a: Int, _ b: Int, below limit: Float) -> Float {
      var total: Float = 0
      for y in 0..<PatchField.side {
        var sum = SIMD8<Float>.zero
        for x in 0..<PatchField.side {
          let difference = features[a + y * width + x] - features[b + y * width + x]
          sum += difference * difference
        }
        total += sum.sum()
        if total >= limit { break }
      }
      return total
    }
  }

  /// The picture with the hole's pixels as means of what the matches of all patches over them have there.  deviation: of
  /// the Gaussian by which a pixel counts the less the farther it is from a patch's middle, in pixels.
  func voted(_ picture: Picture, in hole: Picture, deviation: Float) -> Picture {
    let side = Self.side
    let weights = (0..<side * side).map { index in
      let (x, y) = (Float(index % side - side / 2), Float(index / side - side / 2))
      return expf(-(x * x + y * y) / (2 * deviation * deviation))
    }
    var result = picture
    result.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let values = buffer.baseAddress!
      parallel(height, grain: 8) { rows in
        for y in rows {
          for x in 0..<width where hole.values[y * width + x] == 1 {
            var (sum, total) = (SIMD3<Float>.zero, Float(0))
            for top in max(0, y - side + 1)...min(y, height - side) {
              for left in max(0, x - side + 1)...min(x, width - side) {
                let source = (Int(patches[top * width + left].match) + (y - top) * width + x - left) * 3
                let weight = weights[(y - top) * side + x - left]
                sum += weight * SIMD3(picture.values[source], picture.values[source + 1], picture.values[source + 2])
                total += weight
              }
            }
            for channel in 0..<3 { values[(y * width + x) * 3 + channel] = sum[channel] / total }
          }
        }
      }
    }
    return result
  }
}

/// Sums over squares of a picture of one channel in constant time (Crow 1984).
private struct SummedArea {
  private let stride: Int
  private var sums: [Double]

  init(_ picture: Picture) {
    stride = picture.width + 1
    sums = [Double](repeating: 0, count: stride * (picture.height + 1))
    for y in 0..<picture.height {
      var row = 0.0
      for x in 0..<picture.width {
        row += Double(picture.values[y * picture.width + x])
        sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row
      }
    }
  }

  func isZero(x: Int, y: Int, side: Int) -> Bool {
    sums[(y + side) * stride + x + side] - sums[y * stride + x + side] - sums[(y + side) * stride + x] + sums[y * stride + x] == 0
  }
}

/// SplitMix64 (Steele et al. 2014): numbers whose only use is to differ.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0 ..< bound, which is far below 2^32.
  mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }
}
