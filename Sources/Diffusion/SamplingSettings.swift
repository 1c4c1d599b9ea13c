// SPDX-License-Identifier: LGPL-3.0-or-later
import Properties

/// How many steps are taken, by which sampler, and from which noise.
public struct SamplingSettings: Sendable {
  public var steps = 20  // 1 ... 150
  package var sampler = SamplerKind.dpmpp2M
  /// 0 ... 1, the noise that ddim, tcd and repaint add on the way; nil for each one's own.
  public var eta: Double?
  /// How the visited training steps are spaced.
  package var spacing = Spacing.auto
  /// How many steps repaint goes back at once, and how often it is at each place; 1 or more.
  public var jumpLength = 10
  public var jumpSamples = 10
  /// 0 ... 1, the share of the steps that is taken, the last ones.  Below 1 they start from the noised picture.
  public var strength = 1.0
  /// Every so many steps all of the UNet runs, and only its finest layers between them; 1 or more.
  public var cacheInterval = 1
  public var seed: UInt64 = 0

  public init() {}
}
