// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import InpaintCABI
import TestSupport

/// Calls `body` with a request of these properties, in the tiny model where they name no other.
func withRequest<Result>(
  _ properties: [String: String] = [:], operation: String = "inpaint:sd-inpaint", previews: Bool = false,
  _ body: (UnsafePointer<InpaintRequest>) throws -> Result
) rethrows -> Result {
  let all = ["model": fixtures + "/packs/tiny-sd15", "steps": "2"].merging(properties) { $1 }.sorted { $0.key < $1.key }
  let strings = all.map { (strdup($0.key), strdup($0.value)) }
  defer {
    for (name, value) in strings {
      free(name)
      free(value)
    }
  }
  let members = strings.map { InpaintProperty(name: $0.0, value: $0.1) }
  return try operation.withCString { operation in
    try members.withUnsafeBufferPointer { members in
      var request = InpaintRequest(
        abi_version: UInt32(INPAINT_ABI_VERSION), operation: operation, properties: members.baseAddress,
        count: Int32(members.count), previews: previews)
      return try withUnsafePointer(to: &request, body)
    }
  }
}
