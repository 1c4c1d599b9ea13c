// SPDX-License-Identifier: LGPL-3.0-or-later
import ArgumentParser
import Checkpoints
import Engine
import Glibc
import InpaintGraph
import Numerics
import Properties

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the installation: GEGL, GIMP, models, processor and memory; says what to do about each finding.",
    discussion: "Fails if something is missing that a run needs.")

  /// One line of the report.
  struct Finding {
    enum State: String { case good = "ok     ", note = "note   ", missing = "MISSING" }

    let state: State
    let text: String
    var remedy: String?
  }

  func run() throws {
    let findings = modules + models + gimp + [processor]
    for finding in findings {
      print("\(finding.state.rawValue)  \(finding.text)")
      if let remedy = finding.remedy { print("         -> \(remedy)") }
    }
    if findings.contains(where: { $0.state == .missing }) { throw ExitCode.failure }
  }

  // MARK: - GEGL

  /// In this process, which looks where `gegl` and GIMP do.
  private var modules: [Finding] {
    inpaint_graph_init()
    let names = Operation.allCases.map(\.rawValue)
    let found = Set(names.filter { inpaint_graph_has_operation($0, nil) })  // before a look elsewhere loads the module
    return names.map { name in
      if found.contains(name) { return Finding(state: .good, text: "GEGL finds \(name)") }
      if let folder = Run.ownPlugIns, inpaint_graph_has_operation(name, folder) {
        let path = real(folder)
        let stock = Shell.firstLine("pkg-config --variable=pluginsdir gegl-0.4") ?? "the folder of GEGL's own operations"
        return Finding(
          state: .missing, text: "\(name) is installed in \(path), where GEGL does not look",
          remedy: "set GEGL_PATH to \(path):\(stock), or install without --prefix")
      }
      let module = (variable("XDG_DATA_HOME") ?? home + "/.local/share") + "/gegl-0.4/plug-ins/gegl-inpaint.so"
      if variable("GEGL_PATH") == nil, access(module, F_OK) == 0 {
        return Finding(
          state: .missing, text: "\(module) is there, but does not load or is too old for \(name)",
          remedy: "ldd \(module) names libraries that are not found; else run examples/install.sh again")
      }
      return Finding(
        state: .missing, text: "GEGL does not find \(name)",
        remedy: "run examples/install.sh; where GEGL_PATH is set, GEGL looks nowhere else"
          + (variable("GEGL_PATH").map { " (it is \($0))" } ?? ""))
    }
  }

  // MARK: - Models

  private var models: [Finding] {
    var findings: [Finding] = []
    var isUsable = false
    for (index, place) in ModelSearch().candidates.enumerated() {
      do {
        let pack = try OpenedPack.open(place.path)
        guard case .can(let needed, _)? = try PackReport(pack).abilities.first?.ability else { continue }
        let text = "model \(place.path) (\(place.reason)): inpaint:sd-inpaint takes \(megabytes(needed)) MB"
        if needed <= MemoryPlan.available {
          isUsable = true
          findings.append(Finding(state: .good, text: "\(text), \(megabytes(MemoryPlan.available)) MB are free"))
        } else {
          findings.append(
            Finding(
              state: .note, text: "\(text), only \(megabytes(MemoryPlan.available)) MB are free",
              remedy: "close other programs, set a smaller working-size, or take a smaller model"))
        }
      } catch {
        // A run takes the first, and fails with it.
        findings.append(
          Finding(
            state: index == 0 ? .missing : .note, text: "\(place.reason): \(error)",
            remedy: "inpaint models check \(place.path) says more"))
      }
    }
    if !isUsable {
      let places = ModelSearch().places.map(\.path).joined(separator: ", ")
      findings.append(
        Finding(
          state: .missing, text: "there is no model that can be used; looked at \(places)",
          remedy: "ln -s /path/to/stable-diffusion-inpainting \(ModelSearch().usersDefault.path)"))
    }
    return findings
  }

  // MARK: - GIMP

  /// A major version of GIMP, for which the plug-in is built by itself.
  private struct Gimp {
    let version: String  // what it says of itself
    let series: String  // of its configuration's folder
    let directory: String  // the variable that names another folder
    let library: String  // of pkg-config
    let package: String
  }

  private var gimps: [Gimp] {
    var found: [Gimp] = []
    if let version = Shell.firstLine("gimp-2.10 --version") {
      found.append(
        Gimp(
          version: version, series: "2.10", directory: "GIMP2_DIRECTORY", library: "gimp-2.0",
          package: "libgimp 2 (Debian 12: libgimp2.0-dev)"))
    }
    if let version = Shell.firstLine("gimp --version"), let number = version.split(separator: " ").last,
      number.hasPrefix("3.")
    {
      found.append(
        Gimp(
          version: version, series: number.split(separator: ".").prefix(2).joined(separator: "."),
          directory: "GIMP3_DIRECTORY", library: "gimp-3.0", package: "libgimp 3 (Debian 13: libgimp-3.0-dev)"))
    }
    return found
  }

  private var gimp: [Finding] {
    var findings = gimps.flatMap { [Finding(state: .good, text: $0.version), plugIn(of: $0)] }
    if findings.isEmpty {
      findings.append(Finding(state: .note, text: "GIMP is not installed; `gegl` and `inpaint run` do not need it"))
    }
    if let flatpak { findings.append(flatpak) }
    return findings
  }

  private func plugIn(of gimp: Gimp) -> Finding {
    let configuration =
      variable(gimp.directory) ?? (variable("XDG_CONFIG_HOME") ?? home + "/.config") + "/GIMP/" + gimp.series
    let system = Shell.firstLine("pkg-config --variable=gimplibdir \(gimp.library)") ?? "/usr/lib/gimp/\(gimp.series)"
    let folders = [configuration, system].map { $0 + "/plug-ins" }
    for program in folders.map({ $0 + "/gimp-inpaint/gimp-inpaint" }) where access(program, F_OK) == 0 {
      guard access(program, X_OK) == 0 else {
        return Finding(state: .missing, text: "\(program) cannot be run", remedy: "chmod +x \(program)")
      }
      return Finding(state: .good, text: "GIMP finds its plug-in, \(program)")
    }
    let library = Shell.firstLine("pkg-config --modversion \(gimp.library)")
    return Finding(
      state: .missing, text: "GIMP finds no gimp-inpaint in \(folders.joined(separator: ", "))",
      remedy: library == nil
        ? "install \(gimp.package), then run examples/install.sh"
        : "run examples/install.sh (\(gimp.library) \(library!) is there)")
  }

  private var flatpak: Finding? {
    let folder = home + "/.var/app/org.gimp.GIMP"
    guard access(folder, F_OK) == 0 else { return nil }
    return Finding(
      state: .note,
      text: "GIMP of Flatpak looks for operations in \(folder)/data/gegl-0.4/plug-ins, for plug-ins in "
        + "\(folder)/config/GIMP/VERSION/plug-ins, for models in \(folder)/data/gegl-inpaint/models",
      remedy: "it has libraries of its own, which must be as new as those here; this is not tested")
  }

  // MARK: - Machine

  private var processor: Finding {
    let wanted: Set<Substring> = [
      "avx2", "fma", "f16c", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_fp16",
    ]
    let line = Shell.firstLine("grep -m1 -E '^(flags|Features)' /proc/cpuinfo") ?? ""
    let arithmetics = [.float32, Arithmetic.float16, .bfloat16, .int8].compactMap { $0 }
    let features = line.split(separator: " ").filter(wanted.contains).joined(separator: " ")
    return Finding(
      state: features.contains("avx2") ? .good : .note,
      text: "processor: \(processorCount) processors, \(features.isEmpty ? "no wide instructions" : features); "
        + "products in \(arithmetics.map(\.name).joined(separator: ", "))",
      remedy: features.contains("avx2") ? nil : "a run works, but slowly: fewer steps and a smaller working-size help")
  }

  // MARK: - Environment

  private var home: String { variable("HOME") ?? "" }

  /// An empty variable counts as none.
  private func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }

  private func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
