// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import InpaintGraph

/// An operation over one picture's files.
struct GraphRun {
  /// With "inpaint:".
  var operation: String
  var input: String
  /// nil for the picture's transparency.
  var mask: String?
  var maskFrom = MaskFrom.auto
  var invertMask = false
  /// The first has the request's seed, the others those that follow it.
  var outputs: [String]
  var preview: String?
  var properties: [(name: String, value: String)]
  /// A file whose record gives what `properties` lack.
  var from: String?
  /// 0 for the picture's own.
  var quality: Int
  var record: Bool
  var fitMask: Bool
  var allowEmpty: Bool

  enum Outcome {
    case done
    /// The operation has said why on standard error.
    case nothingToDo
    /// Why; without a line's end.
    case failed(String)
  }

  /// progress: 0 ... 1, of all outputs.
  func callAsFunction(progress: (Double) -> Void) -> Outcome {
    let strings = CStrings()
    let names = strings.array(properties.map(\.name))
    let values = strings.array(properties.map(\.value))
    let outputs = strings.array(self.outputs)
    var graph = InpaintGraph(
      operation: strings[operation], input: strings[input], mask: mask.map { strings[$0] }, mask_from: maskFrom.value,
      invert_mask: invertMask, outputs: outputs,
      output_count: Int32(self.outputs.count), preview: preview.map { strings[$0] }, names: names, values: values,
      count: Int32(properties.count), from: from.map { strings[$0] }, quality: Int32(quality), record: record,
      fit_mask: fitMask, allow_empty: allowEmpty)
    var failure: UnsafeMutablePointer<CChar>?
    defer { inpaint_graph_free(failure) }
    let outcome = withoutActuallyEscaping(progress) { progress in
      var progress = progress
      return withUnsafeMutablePointer(to: &progress) { progress in
        inpaint_graph_run(
          &graph, { user, fraction in user?.assumingMemoryBound(to: ((Double) -> Void).self).pointee(fraction) }, progress,
          &failure)
      }
    }
    return switch outcome {
    case INPAINT_GRAPH_DONE: .done
    case INPAINT_GRAPH_NOTHING: .nothingToDo
    default: .failed(failure.map { String(cString: $0) } ?? "failed")
    }
  }
}

/// What of a mask's pixels says how white they are.
enum MaskFrom: String, CaseIterable {
  case auto
  case luminance
  case alpha
  case red
  case any

  fileprivate var value: InpaintMaskFrom {
    switch self {
    case .auto: INPAINT_MASK_FROM_AUTO
    case .luminance: INPAINT_MASK_FROM_LUMINANCE
    case .alpha: INPAINT_MASK_FROM_ALPHA
    case .red: INPAINT_MASK_FROM_RED
    case .any: INPAINT_MASK_FROM_ANY
    }
  }
}

/// Strings as C has them, as long as this object lives.
private final class CStrings {
  private var allocated: [UnsafeMutableRawPointer] = []

  deinit { allocated.forEach { free($0) } }

  subscript(_ string: String) -> UnsafePointer<CChar> {
    let copy = strdup(string)!
    allocated.append(copy)
    return UnsafePointer(copy)
  }

  func array(_ strings: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let array = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(strings.count, 1))
    for (index, string) in strings.enumerated() { (array + index).initialize(to: self[string]) }
    allocated.append(array)
    return UnsafePointer(array)
  }
}
