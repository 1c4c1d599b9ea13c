// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels
import CKernelsWide
import Glibc

/// The tables that this machine can run, and the widest one's logic in instructions that it has.
enum Tables {
  static let all: [CProductKernels] = {
    var pointers = [UnsafePointer<CProductKernels>?](repeating: nil, count: 16)
    _ = cproduct_available(&pointers, 16)
    var found = pointers.filter { $0 != nil }
    if let wide = cproduct_wide_on_avx2() { found.append(wide) }
    let available = found.map { $0!.pointee }
    for name in asked ?? [] where !available.contains(where: { $0.title == name }) {
      fatalError("GEGL_INPAINT_TEST_KERNELS: this processor can run no \(name), but \(available.map(\.title))")
    }
    let tables = available.filter { isAsked($0.title) }
    reportUntested(tables.map(\.title))
    return tables
  }()

  /// Those, and VNNI's logic in the same instructions.
  static let quantized: [CProductKernels] =
    all + (cproduct_wide_vnni_on_avx2().map { [$0.pointee] } ?? []).filter { isAsked($0.title) }

  /// GEGL_INPAINT_TEST_KERNELS: names of tables with commas between them, if not all are to be tested.
  private static let asked: [String]? = getenv("GEGL_INPAINT_TEST_KERNELS").map {
    String(cString: $0).split(separator: ",").map(String.init)
  }

  static func isAsked(_ name: String) -> Bool { asked?.contains(name) ?? true }

  /// Those that multiply halves, and their logic in the same instructions.
  static let halves: [CProductKernels] =
    all.filter { $0.halves != CPRODUCT_FLOAT32 }
    + [
      cproduct_wide_bf16_on_avx2(), cproduct_wide_fp16_on_avx2(), cproduct_wide_amx_bf16_on_avx2(),
      cproduct_wide_amx_fp16_on_avx2(),
    ].compactMap { $0?.pointee }.filter { isAsked($0.title) }

  private static func reportUntested(_ tested: [String]) {
    var names = [UnsafePointer<CChar>?](repeating: nil, count: 16)
    let count = Int(cproduct_names(&names, 16))
    let missing = names.prefix(count).map { String(cString: $0!) }.filter { !tested.contains($0) }
    print("kernels tested: \(tested.joined(separator: ", "))")
    if !missing.isEmpty {
      let reason = asked == nil ? "this processor cannot run them" : "not asked for"
      print("kernels NOT tested, \(reason): \(missing.joined(separator: ", "))")
    }
  }
}

extension CProductKernels {
  var title: String { String(cString: name) }
}
