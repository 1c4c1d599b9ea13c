// SPDX-License-Identifier: LGPL-3.0-or-later
/// The names of the original Stable Diffusion one-file checkpoints (CompVis, Runway, Stability) in diffusers' terms.
///
/// A name is untrusted: any text has an answer here, and what is not understood has no place.
package enum LDMNames {
  /// How the original names of the parts begin.
  static let prefixes = ["unet": unetPrefix, "vae": autoencoderPrefix, "text_encoder": textPrefix]
  private static let unetPrefix = "model.diffusion_model."
  private static let autoencoderPrefix = "first_stage_model."
  private static let textPrefix = "cond_stage_model."

  /// A tensor of a part; `third` is 0, 1 or 2 where it is that third of a joined projection.
  struct Target: Equatable {
    var part: String
    var name: String
    var third: Int?
  }

  /// Where a stored tensor goes: to no part if it is known and no weight (schedules, EMA copies, the text encoder's
  /// last layer), to three for a joined projection.  nil for a name that Stable Diffusion 1 and 2 do not have.
  static func targets(of stored: String) -> [Target]? {
    func one(_ part: String, _ name: String?) -> [Target]? { name.map { [Target(part: part, name: $0)] } }
    if let rest = stored.removingPrefix(unetPrefix) { return one("unet", unet(LDMName(rest))) }
    for prefix in [autoencoderPrefix, "vae."] {
      guard let rest = stored.removingPrefix(prefix) else { continue }
      return rest.hasPrefix("loss.") ? [] : one("vae", autoencoder(LDMName(rest)))
    }
    if let rest = stored.removingPrefix(textPrefix + "transformer.") {
      return CanonicalNames.textEncoder(rest).map { [Target(part: "text_encoder", name: $0)] } ?? []
    }
    if let rest = stored.removingPrefix(textPrefix + "model.") { return openCLIP(rest) }
    return isNoWeight(stored) ? [] : nil
  }

  /// Schedules and counters (`betas`, `logvar`, `global_step`) are the names without a path.
  private static func isNoWeight(_ stored: String) -> Bool {
    !stored.utf8.contains(UInt8(ascii: "."))
      || ["model_ema.", "loss.", textPrefix + "logit_scale", textPrefix + "text_projection"]
        .contains(where: stored.hasPrefix)
  }
}

/// A name cut at its dots.
struct LDMName {
  let parts: [String]

  init(_ name: String) { parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

  /// The part at `index`; "", which no name has, behind the end.
  subscript(_ index: Int) -> String { index < parts.count ? parts[index] : "" }

  /// The part at `index` as a block's number: up to three digits, so that arithmetic on it is safe.
  func number(_ index: Int) -> Int? {
    let digits = self[index].utf8
    guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(self[index])
  }

  /// `path` followed by the parts from `start` on; nil if there are none.
  func rest(_ start: Int, after path: String) -> String? {
    start < parts.count ? path + "." + parts[start...].joined(separator: ".") : nil
  }
}
