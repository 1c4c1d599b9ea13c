// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties

/// What LoRAs want that make a model one of few steps.
extension Recommendation {
  /// What a file beside a LoRA says, NAME.json beside NAME.safetensors, of the form of `recommended.json`; and why.
  ///
  /// Other programs' files of that name say nothing.  Throws for one that cannot be read, and for values that no property
  /// takes.
  static func beside(_ lora: String, for operation: Operation) throws -> (Self, reason: String) {
    let file = fileBeside(lora)
    return (try Self(JSON.object(file: file), file, for: operation), "as \(file) says")
  }

  /// Where that is.
  static func fileBeside(_ lora: String) -> String {
    let name = lora.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return String(lora.dropLast(name.lastIndex(of: ".").map { name[$0...].count } ?? 0)) + ".json"
  }

  /// What a LoRA of that name was made for, by the names under which they are published: LCM-LoRA (Luo et al. 2023),
  /// TCD (Zheng et al. 2024), Hyper-SD (Ren et al. 2024) with its number of steps; in any case, of the file or else of its
  /// folder.  And why; nil for other names.
  static func named(_ lora: String) -> (Self, reason: String)? {
    let names = lora.split(separator: "/").suffix(2).reversed()
    for name in names {
      if let (recommendation, word) = published(name.lowercased()) {
        return (recommendation, "the LoRA's name has \"\(word)\", \(name)")
      }
    }
    return nil
  }

  private static func published(_ name: String) -> (Self, word: String)? {
    var recommendation = Self()
    recommendation.guidance = 1
    recommendation.steps = 4
    if name.contains("lcm") {
      recommendation.sampler = .lcm
      return (recommendation, "lcm")
    }
    if name.contains("tcd") {
      recommendation.sampler = .tcd
      return (recommendation, "tcd")
    }
    guard name.contains("hyper"), let steps = name.firstMatch(of: /([0-9]+)[-_ ]?steps?/).flatMap({ Int($0.1) }),
      (1...150).contains(steps)
    else { return nil }
    recommendation.steps = steps
    if name.contains("cfg") { recommendation.guidance = nil }  // made to be guided
    if steps == 1 {
      (recommendation.sampler, recommendation.eta) = (.tcd, 1)
    } else {
      (recommendation.sampler, recommendation.spacing) = (.ddim, .trailing)
    }
    return (recommendation, "hyper")
  }
}
