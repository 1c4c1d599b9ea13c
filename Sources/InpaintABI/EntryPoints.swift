// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Glibc
import Imaging
import InpaintCABI
import Numerics
import Properties

/// The C entry points of CShim/abi/include/inpaint_abi.h: check what the host gives, call the engine, report.

/// Images beyond this side are refused: their planes could not be addressed.
private let largestSide: Int32 = 1 << 20

@c @implementation
public func inpaint_plan_new(
  _ request: UnsafePointer<InpaintRequest>?, _ width: Int32, _ height: Int32, _ mask: UnsafePointer<Float>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> OpaquePointer? {
  var operation = "inpaint"
  do {
    guard let request, let mask else { throw InpaintingError("no request or no mask") }
    try request.pointee.checkVersion()
    operation = text(request.pointee.operation) ?? operation
    guard (1...largestSide).contains(width), (1...largestSide).contains(height) else {
      throw InpaintingError("an image of \(width) x \(height) pixels; sides may be 1 to \(largestSide)")
    }
    let plan = try Plan(Request(request.pointee), mask: mask, width: Int(width), height: Int(height))
    return OpaquePointer(Unmanaged.passRetained(plan).toOpaque())
  } catch let failure {
    report(failure, of: operation, in: error)
    return nil
  }
}

@c @implementation
public func inpaint_plan_passes(_ plan: OpaquePointer?) -> Int32 { Int32(Plan.behind(plan)?.passes.count ?? 0) }

@c @implementation
public func inpaint_plan_note(_ plan: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
  (Plan.behind(plan)?.note).flatMap { strdup($0) }
}

@c @implementation
public func inpaint_plan_region(_ plan: OpaquePointer?, _ pass: Int32) -> InpaintRectangle {
  InpaintRectangle(Plan.behind(plan, pass: pass)?.passes[Int(pass)].seen ?? .empty)
}

@c @implementation
public func inpaint_plan_paint(_ plan: OpaquePointer?, _ pass: Int32) -> InpaintRectangle {
  InpaintRectangle(Plan.behind(plan, pass: pass)?.passes[Int(pass)].painted ?? .empty)
}

@c @implementation
public func inpaint_plan_run(
  _ plan: OpaquePointer?, _ pass: Int32, _ colors: UnsafePointer<Float>?, _ fill: UnsafeMutablePointer<Float>?,
  _ weight: UnsafeMutablePointer<Float>?, _ progress: InpaintProgress?, _ user: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> InpaintStatus {
  guard let behind = Plan.behind(plan, pass: pass) else {
    report(InpaintingError("no plan, or none with pass \(pass)"), of: "inpaint", in: error)
    return INPAINT_FAILED
  }
  do {
    guard let colors, let fill, let weight else { throw InpaintingError("no colors, or no place for the fill") }
    let workspace = Workspace()
    nonisolated(unsafe) let (made, seen) = (behind, colors)
    let result = try BackgroundRun.wait(
      for: { try made.run(pass: Int(pass), seen, in: workspace, progress: $0) },
      asking: { update in
        guard let progress else { return true }
        return update.stage.withCString { stage in
          guard let shown = update.preview else { return progress(user, update.fraction, stage, nil) }
          return shown.colors.withUnsafeBufferPointer { colors in
            var preview = InpaintPreview(width: Int32(shown.width), height: Int32(shown.height), colors: colors.baseAddress)
            return progress(user, update.fraction, stage, &preview)
          }
        }
      },
      cancel: workspace.cancel)
    fill.update(from: result.picture.values, count: result.picture.values.count)
    weight.update(from: result.weight.values, count: result.weight.values.count)
    return INPAINT_OK
  } catch is Cancelled {
    return INPAINT_CANCELLED
  } catch let failure {
    report(failure, of: behind.operation, in: error)
    return INPAINT_FAILED
  }
}

@c @implementation
public func inpaint_plan_free(_ plan: OpaquePointer?) {
  if let plan { Unmanaged<Plan>.fromOpaque(UnsafeRawPointer(plan)).release() }
}

@c @implementation
public func inpaint_composite(
  _ fill: UnsafePointer<Float>?, _ weight: UnsafePointer<Float>?, _ count: Int64, _ fillsAlpha: Bool, _ channels: Int32,
  _ pixels: UnsafeMutablePointer<Float>?
) {
  guard let fill, let weight, let pixels, count > 0, channels == 3 || channels == 4 else { return }
  Compositing.composite(
    fill, weight: weight, count: Int(count), fillsAlpha: fillsAlpha, into: pixels, channels: Int(channels))
}

@c @implementation
public func inpaint_free_string(_ string: UnsafeMutablePointer<CChar>?) { free(string) }

extension Plan {
  fileprivate static func behind(_ pointer: OpaquePointer?) -> Plan? {
    pointer.map { Unmanaged<Plan>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  /// nil also where the plan has no such pass.
  fileprivate static func behind(_ pointer: OpaquePointer?, pass: Int32) -> Plan? {
    behind(pointer).flatMap { $0.passes.indices.contains(Int(pass)) ? $0 : nil }
  }
}

/// nil for no string or one that is not UTF-8.
func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.flatMap { String(validatingCString: $0) } }

func report(_ failure: any Error, of operation: String, in error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
  error?.pointee = strdup("\(operation): \(failure)")
}

extension InpaintRectangle {
  init(_ rectangle: Rectangle) {
    self.init(
      x: Int32(clamping: rectangle.x), y: Int32(clamping: rectangle.y), width: Int32(clamping: rectangle.width),
      height: Int32(clamping: rectangle.height))
  }
}

extension InpaintRequest {
  /// Before all else: where another version has its members is not known.
  func checkVersion() throws {
    guard abi_version == UInt32(INPAINT_ABI_VERSION) else {
      throw InpaintingError("the host was built for another version of this plug-in; install both anew")
    }
  }
}

extension Request {
  /// Throws for texts that are not UTF-8, and for properties and values that the operation does not have.
  init(_ request: InpaintRequest) throws {
    guard let operation = text(request.operation).flatMap(Operation.init) else {
      throw InpaintingError("there is no such operation; there are \(Operation.painted.map(\.rawValue).joined(separator: ", "))")
    }
    self.init(operation)
    wantsPreviews = request.previews
    let count = request.properties == nil ? 0 : max(0, Int(request.count))
    for property in UnsafeBufferPointer(start: request.properties, count: count) {
      guard let name = text(property.name) else { throw InpaintingError("a property's name is not UTF-8 text") }
      guard let value = property.value == nil ? "" : text(property.value) else {
        throw InpaintingError("\(name) is not UTF-8 text")
      }
      try set(name, value)
    }
  }
}
