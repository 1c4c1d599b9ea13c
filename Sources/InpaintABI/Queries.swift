// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Glibc
import Imaging
import InpaintCABI
import Planning
import Properties

/// What a host may ask without a run.

@c @implementation
public func inpaint_window(
  _ request: UnsafePointer<InpaintRequest>?, _ extent: InpaintRectangle, _ box: InpaintRectangle,
  _ window: UnsafeMutablePointer<InpaintRectangle>?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> InpaintStatus {
  var operation = "inpaint"
  window?.pointee = extent
  do {
    guard let request, let window else { throw InpaintingError("no request, or no place for the window") }
    try request.pointee.checkVersion()
    operation = text(request.pointee.operation) ?? operation
    let wanted = try Request(request.pointee)
    window.pointee = InpaintRectangle(
      try PicturePlan.window(wanted, around: Rectangle(box), in: Rectangle(extent)) { try Session(wanted).traits.nativeSize })
    return INPAINT_OK
  } catch let failure {
    report(failure, of: operation, in: error)
    return INPAINT_FAILED
  }
}

@c @implementation
public func inpaint_default_model(
  _ operation: UnsafePointer<CChar>?, _ name: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ description: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Bool {
  guard let operation = text(operation).flatMap(Operation.init), let model = DefaultModel(of: operation) else { return false }
  name?.pointee = strdup(model.name)
  description?.pointee = strdup(model.description)
  return true
}

extension Rectangle {
  fileprivate init(_ rectangle: InpaintRectangle) {
    self.init(
      x: Int(rectangle.x), y: Int(rectangle.y), width: Int(rectangle.width), height: Int(rectangle.height))
  }
}
