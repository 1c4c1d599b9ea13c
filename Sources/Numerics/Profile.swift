// SPDX-License-Identifier: LGPL-3.0-or-later
import Synchronization

/// Where a pass' time goes, by kind of layer.
public final class Profile: Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case winograd = "3x3 convolutions (Winograd)"
    case convolution = "convolutions"
    case linear = "linear layers"
    case attention = "attention"
    case norm = "norms"
    case fourier = "Fourier transforms"
  }

  public struct Entry: Sendable {
    public var seconds = 0.0
    /// Multiplications and additions, as the layer's definition has them.
    public var operations = 0.0
  }

  private let state = Mutex<[Kind: Entry]>([:])

  public init() {}

  public var entries: [Kind: Entry] { state.withLock { $0 } }

  func add(_ kind: Kind, _ duration: Duration, operations: Double) {
    state.withLock {
      $0[kind, default: Entry()].seconds += duration.seconds
      $0[kind, default: Entry()].operations += operations
    }
  }
}

extension Duration {
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Workspace {
  /// Runs `body`, which is a whole layer of this kind, and notes its time where there is a profile.
  func measured<Result>(_ kind: Profile.Kind, operations: Double = 0, _ body: () -> Result) -> Result {
    guard let profile else { return body() }
    let clock = ContinuousClock()
    let start = clock.now
    let result = body()
    profile.add(kind, clock.now - start, operations: operations)
    return result
  }
}

extension Arithmetic {
  /// The most operations a second that all processors together reach in registers alone.
  public var peakRate: Double {
    let iterations: Int64 = 2_000_000
    let clock = ContinuousClock()
    return (0..<5).map { _ in
      let operations = Atomic(0)
      let time = clock.measure {
        parallelFor(processorCount) { _ in
          var numbers: [Float] = [0.5, 1]
          operations.add(Int(kernels.exercise(iterations, &numbers)), ordering: .relaxed)
        }
      }
      return Double(operations.load(ordering: .relaxed)) / time.seconds
    }.max() ?? 0
  }
}
