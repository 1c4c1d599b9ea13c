// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// The mask rules, over the region that the models see.
struct HoleMask {
  /// 1 where the model repaints, else 0: the mask's hole, grown by a disc.
  let hole: Picture
  /// The share of the fill in the result: 1 in the hole, falling to 0 outward over `feather` pixels, and nowhere below
  /// the mask itself.
  let weight: Picture
  /// 0 ... 1: in how much of the steps each pixel of the hole may change, and 0 outside; nil where all may in all.
  var strengths: Picture?

  /// 1 where the fill has a share, else 0.
  var blended: Picture { weight.mapped { $0 > 0 ? 1 : 0 } }

  init(hole: Picture, weight: Picture, strengths: Picture? = nil) {
    (self.hole, self.weight, self.strengths) = (hole, weight, strengths)
  }

  /// mask: one channel of 0 ... 1; grow (0 or more) and feather (0 or more) in pixels.
  init(_ mask: Picture, grow: Int, feather: Double) {
    var hole = Picture(width: mask.width, height: mask.height)
    var weight = mask
    let bounds = Rectangle(x: 0, y: 0, width: mask.width, height: mask.height)
    let box = mask.values.withUnsafeBufferPointer {
      MaskBoxes($0.baseAddress!, width: mask.width, height: mask.height).hole
    }
    // Beyond this area the hole is 0 and the weight the mask.
    let area = box.isEmpty ? .empty : box.expanded(by: grow + Int(feather.rounded(.up))).intersection(bounds)
    let distances = DistanceField(to: mask, in: area)
    for y in 0..<area.height {
      for x in 0..<area.width {
        let index = (area.y + y) * mask.width + area.x + x
        let distance = distances.squared[y * area.width + x].squareRoot() - Float(grow)
        if distance <= 0 {
          (hole.values[index], weight.values[index]) = (1, 1)
        } else if feather > 0 {
          // The first pixel outside is one step down a ramp of feather + 1 steps.
          weight.values[index] = max(mask.values[index], 1 - distance / Float(feather + 1))
        }
      }
    }
    self.hole = hole
    self.weight = weight
  }

  /// At another size: of what is hole of a pixel, the mean.
  func strengths(width: Int, height: Int) -> Picture? {
    guard let strengths else { return nil }
    let (sums, shares) = (strengths.averaged(width: width, height: height), hole.averaged(width: width, height: height))
    return Picture(
      width: width, height: height,
      values: zip(sums.values, shares.values).map { $1 > 0 ? min($0 / $1, 1) : 0 })
  }

  /// The same with the rim of an object that the mask was cut along: the models paint it too, and as far as the blend
  /// reaches only the fill is seen of it.
  ///
  /// colors: R'G'B' of the mask's size.
  func coveringRim(in colors: UnsafePointer<Float>) -> HoleMask {
    let (width, height) = (hole.width, hole.height)
    let box = hole.values.withUnsafeBufferPointer { MaskBoxes($0.baseAddress!, width: width, height: height).hole }
    guard !box.isEmpty else { return self }
    let area = box.expanded(by: ObjectRim.reach).intersection(Rectangle(x: 0, y: 0, width: width, height: height))
    let rim = ObjectRim.around(hole.cropped(area), in: Picture(colors, width: width, part: area))
    var (hole, weight) = (hole, weight)
    for y in 0..<area.height {
      for x in 0..<area.width where rim.values[y * area.width + x] == 1 {
        let pixel = (area.y + y) * width + area.x + x
        hole.values[pixel] = 1
        if weight.values[pixel] > 0 { weight.values[pixel] = 1 }
      }
    }
    return HoleMask(hole: hole, weight: weight)
  }
}
