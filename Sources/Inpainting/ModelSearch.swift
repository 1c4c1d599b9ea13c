import Checkpoints
import Glibc

/// Where models are looked for.
public enum ModelSearch {
  /// A place in the search order.
  public struct Place: Equatable, Sendable {
    public let path: String
    /// Why it is looked at, for messages: "property model", "GEGL_INPAINT_MODEL".
    public let reason: String
  }

  /// The first model of: the property, `GEGL_INPAINT_MODEL`, the user's default, the mini pack.
  ///
  /// Throws where a place that the user named has no model, or where there is none at all.
  public static func open(_ property: String) throws -> ModelPack {
    if !property.isEmpty { return try ModelPack.open(property) }
    if let path = variable("GEGL_INPAINT_MODEL") {
      do { return try ModelPack.open(path) } catch let error as CheckpointError {
        throw InpaintingError("GEGL_INPAINT_MODEL: \(error.message)")
      }
    }
    guard let place = installedPlaces.first(where: { access($0.path, F_OK) == 0 }) else {
      throw InpaintingError(
        "no model found; set the property model or GEGL_INPAINT_MODEL to a Stable Diffusion inpainting model, or put "
          + "one at \(installedPlaces[0].path)")
    }
    return try ModelPack.open(place.path)
  }

  /// All places after the property, in order.
  public static var places: [Place] {
    (variable("GEGL_INPAINT_MODEL").map { [Place(path: $0, reason: "GEGL_INPAINT_MODEL")] } ?? []) + installedPlaces
  }

  private static var installedPlaces: [Place] {
    let models = dataHome + "/gegl-inpaint/models/"
    var places = [Place(path: models + "default", reason: "the user's default")]
    // From the plug-ins folder, and from a program in bin.
    for relative in ["../../gegl-inpaint/models/mini", "../share/gegl-inpaint/models/mini"] {
      if let own = ownFolder { places.append(Place(path: own + "/" + relative, reason: "installed with the plug-in")) }
    }
    return places + [Place(path: models + "mini", reason: "installed for the user")]
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  private static var dataHome: String {
    variable("XDG_DATA_HOME") ?? (variable("HOME") ?? "") + "/.local/share"
  }

  /// The folder of the module or program that this code is in: the file mapped where this code lies.
  private static var ownFolder: String? {
    let own = UInt(bitPattern: #dsohandle)
    for line in ProcFile.lines("/proc/self/maps") {
      let fields = line.split(separator: " ", maxSplits: 5)
      let range = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard range.count == 2, (range[0]..<range[1]).contains(own), fields.count == 6 else { continue }
      let path = fields[5].drop { $0 == " " }
      return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
    return nil
  }
}
