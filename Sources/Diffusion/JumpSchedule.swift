// SPDX-License-Identifier: LGPL-3.0-or-later
/// In which order RePaint takes a sampler's steps (Lugmayr et al. 2022, figure 9).
enum JumpSchedule {
  /// A sampler's step, and how many are taken back behind it.
  struct Step: Equatable {
    let index: Int
    let stepsBack: Int
  }

  /// All of `count` steps.  Counted from the end in jumps' lengths j, each step that has at least j before it is jumped
  /// back behind until it has been taken `jumpSamples` times; so a j from `count` on means no jumps.
  static func steps(_ count: Int, jumpLength: Int, jumpSamples: Int) -> [Step] {
    var jumps = [Int](repeating: 0, count: count)  // that are left behind a step
    for index in stride(from: count - 1, through: jumpLength, by: -jumpLength) { jumps[index] = jumpSamples - 1 }
    var steps: [Step] = []
    var index = 0
    while index < count {
      let jumpsBack = jumps[index] > 0
      steps.append(Step(index: index, stepsBack: jumpsBack ? jumpLength : 0))
      if jumpsBack {
        jumps[index] -= 1
        index -= jumpLength
      }
      index += 1
    }
    return steps
  }
}
