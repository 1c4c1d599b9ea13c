import Checkpoints
import Glibc
import InpaintCABI
import Inpainting
import Tensors

/// The C entry points of CShim/abi/include/inpaint_abi.h: check what the host gives, call `Inpainting`, report.

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
    // Before all else: where another version has its members is not known.
    guard request.pointee.abi_version == UInt32(INPAINT_ABI_VERSION) else {
      throw InpaintingError("the host was built for another version of this plug-in; install both anew")
    }
    operation = text(request.pointee.operation) ?? operation
    guard (1...largestSide).contains(width), (1...largestSide).contains(height) else {
      throw InpaintingError("an image of \(width) x \(height) pixels; sides may be 1 to \(largestSide)")
    }
    let plan = try InpaintingPlan(Request(request.pointee), mask: mask, width: Int(width), height: Int(height))
    return OpaquePointer(Unmanaged.passRetained(Plan(plan, operation)).toOpaque())
  } catch let failure {
    report(failure, of: operation, in: error)
    return nil
  }
}

@c @implementation
public func inpaint_plan_passes(_ plan: OpaquePointer?) -> Int32 { Int32(Plan.behind(plan)?.plan.passIndices.count ?? 0) }

@c @implementation
public func inpaint_plan_note(_ plan: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
  (Plan.behind(plan)?.plan.note).flatMap { strdup($0) }
}

@c @implementation
public func inpaint_plan_region(_ plan: OpaquePointer?, _ pass: Int32) -> InpaintRectangle {
  InpaintRectangle(Plan.behind(plan, pass: pass)?.plan.region(pass: Int(pass)) ?? .empty)
}

@c @implementation
public func inpaint_plan_paint(_ plan: OpaquePointer?, _ pass: Int32) -> InpaintRectangle {
  InpaintRectangle(Plan.behind(plan, pass: pass)?.plan.paint(pass: Int(pass)) ?? .empty)
}

@c @implementation
public func inpaint_plan_run(
  _ plan: OpaquePointer?, _ pass: Int32, _ picture: UnsafePointer<InpaintPicture>?, _ progress: InpaintProgress?,
  _ user: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> InpaintStatus {
  guard let plan = Plan.behind(plan, pass: pass) else {
    report(InpaintingError("no plan, or none with pass \(pass)"), of: "inpaint", in: error)
    return INPAINT_FAILED
  }
  do {
    guard let picture = picture?.pointee, let region = picture.region, let pixels = picture.pixels,
      let convert = picture.convert, picture.channels == 3 || picture.channels == 4
    else { throw InpaintingError("no picture, or one that has not 3 or 4 channels") }
    let access = InpaintingPlan.PictureAccess(
      region: region, pixels: pixels, channels: Int(picture.channels), fillsAlpha: picture.fill_alpha,
      convert: { convert(picture.convert_user, $0, $1, Int64($2)) })
    let workspace = Workspace()
    nonisolated(unsafe) let inputs = access
    try BackgroundRun.wait(
      for: { try plan.plan.run(pass: Int(pass), inputs, in: workspace, progress: $0) },
      asking: { update in
        guard let progress else { return true }
        return update.stage.withCString { progress(user, update.fraction, $0) }
      },
      cancel: workspace.cancel)
    return INPAINT_OK
  } catch is Cancelled {
    return INPAINT_CANCELLED
  } catch let failure {
    report(failure, of: plan.operation, in: error)
    return INPAINT_FAILED
  }
}

@c @implementation
public func inpaint_plan_free(_ plan: OpaquePointer?) {
  if let plan { Unmanaged<Plan>.fromOpaque(UnsafeRawPointer(plan)).release() }
}

@c @implementation
public func inpaint_free_string(_ string: UnsafeMutablePointer<CChar>?) { free(string) }

/// What a host holds.
private final class Plan: Sendable {
  let plan: InpaintingPlan
  let operation: String

  init(_ plan: InpaintingPlan, _ operation: String) {
    self.plan = plan
    self.operation = operation
  }

  static func behind(_ pointer: OpaquePointer?) -> Plan? {
    pointer.map { Unmanaged<Plan>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  /// nil also where the plan has no such pass.
  static func behind(_ pointer: OpaquePointer?, pass: Int32) -> Plan? {
    behind(pointer).flatMap { $0.plan.passIndices.contains(Int(pass)) ? $0 : nil }
  }
}

/// nil for no string or one that is not UTF-8.
private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.flatMap { String(validatingCString: $0) } }

private func report(_ failure: any Error, of operation: String, in error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
  error?.pointee = strdup("\(operation): \(failure)")
}

extension InpaintRectangle {
  fileprivate init(_ rectangle: Rectangle) {
    self.init(
      x: Int32(rectangle.x), y: Int32(rectangle.y), width: Int32(rectangle.width), height: Int32(rectangle.height))
  }
}

extension Request {
  /// Throws for texts that are not UTF-8, values that no operation has, and an unreadable prompt file.
  fileprivate init(_ request: InpaintRequest) throws {
    func string(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
      guard let pointer else { return "" }
      guard let text = text(pointer) else { throw InpaintingError("\(name) is not UTF-8 text") }
      return text
    }
    guard let operation = Operation(rawValue: try string(request.operation, "operation")) else {
      throw InpaintingError("there is no such operation")
    }
    self.init(operation)
    model = try string(request.model, "model")
    prompt = try string(request.prompt, "prompt")
    negativePrompt = try string(request.negative_prompt, "negative-prompt")
    taskPrompt = try string(request.task_prompt, "task-prompt")
    lora = try string(request.lora, "lora")
    loraScale = request.lora_scale
    steps = Int(request.steps)
    sampler = switch request.sampler {
    case INPAINT_SAMPLER_DDIM: .ddim
    case INPAINT_SAMPLER_PNDM: .pndm
    case INPAINT_SAMPLER_DPMPP_2M: .dpmpp2M
    case INPAINT_SAMPLER_UNIPC: .unipc
    case INPAINT_SAMPLER_EULER: .euler
    case INPAINT_SAMPLER_REPAINT: .repaint
    default: throw InpaintingError("there is no such sampler")
    }
    jumpLength = Int(request.jump_length)
    jumpSamples = Int(request.jump_samples)
    guidance = request.guidance
    strength = request.strength
    seed = request.seed
    growth.left = Int(request.left)
    growth.right = Int(request.right)
    growth.top = Int(request.top)
    growth.bottom = Int(request.bottom)
    grow = Int(request.grow)
    feather = request.feather
    cropsToMask = switch request.crop {
    case INPAINT_CROP_AUTO: true
    case INPAINT_CROP_WHOLE: false
    default: throw InpaintingError("there is no such crop")
    }
    guard request.precision == INPAINT_PRECISION_AUTO || request.precision == INPAINT_PRECISION_FLOAT32 else {
      throw InpaintingError("there is no such precision")
    }
    decoder = switch request.decoder {
    case INPAINT_DECODER_AUTO: .auto
    case INPAINT_DECODER_PLAIN: .plain
    case INPAINT_DECODER_HARMONIZING: .harmonizing
    default: throw InpaintingError("there is no such decoder")
    }
    detail = switch request.detail {
    case INPAINT_DETAIL_AUTO: .auto
    case INPAINT_DETAIL_MODEL: .model
    case INPAINT_DETAIL_SURROUNDINGS: .surroundings
    default: throw InpaintingError("there is no such detail")
    }
    priorStrength = request.prior_strength
    context = request.context
    workingSize = Int(request.working_size)
    preserve = request.preserve
    colorMatch = switch request.color_match {
    case INPAINT_COLOR_MATCH_FALSE: .never
    case INPAINT_COLOR_MATCH_TRUE: .always
    case INPAINT_COLOR_MATCH_AUTO: .auto
    default: throw InpaintingError("there is no such color-match")
    }
    let promptFile = try string(request.prompt_file, "prompt-file")
    if !promptFile.isEmpty { try readPrompt(promptFile) }
  }
}
