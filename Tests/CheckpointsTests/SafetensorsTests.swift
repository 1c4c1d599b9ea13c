// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import TestSupport
import Testing

@testable import Checkpoints

/// Each rule of strict reading has a small file that breaks it, and a message that says so.
@Suite struct SafetensorsTests {
  let folder = TemporaryFolder()

  static let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

  @Test func aGoodFileIsRead() throws {
    let weights = try Weights(file: folder.write(safetensors(header: Self.good)))
    #expect(try weights.tensor("a", shape: [2]).bytes.count == 8)
    try weights.finish()
  }

  @Test func whatTheFormatAllowsIsRead() throws {
    let header = #"""
      {"__metadata__":{"format":"pt","":""},"b":{"shape":[],"dtype":"F32","data_offsets":[4,8]},
      "empty":{"dtype":"F16","shape":[0,5],"data_offsets":[4,4]},"a":{"dtype":"BOOL","shape":[1,4],"data_offsets":[0,4]}}
      """# + "   "
    let source = try SafetensorsFile(folder.write(safetensors(header: header)))
    #expect(source.tensors.mapValues(\.shape) == ["a": [1, 4], "b": [], "empty": [0, 5]])
    #expect(try source.read("empty", rows: nil).bytes.isEmpty)
    #expect(try source.read("b", rows: nil).bytes.count == 4)
    #expect(try SafetensorsFile(folder.write(safetensors(header: "{}", data: []))).tensors.isEmpty)
  }

  static let bad: [(what: String, header: String, says: String)] = [
    ("no object", "[1]      ", "not a JSON object"),
    ("a space before", " " + good, "not a JSON object"),
    ("empty header", "", "not a JSON object"),
    ("cut off", #"{"a":{"dtype":"F32""#, "bad JSON"),
    ("text behind", good + "x", "follows the value"),
    ("twice the same name", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "twice"),
    ("twice the same key", #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "twice"),
    ("a hole", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "begins at 4"),
    ("bytes left", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "need 4 bytes, the file has 8"),
    ("no tensors", "{}", "need 0 bytes, the file has 8"),
    ("overlap", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "tensor b begins at 4, the one before ends at 8"),
    ("the same bytes", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "begins at 0"),
    ("an empty tensor inside another", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#, "tensor b begins at 4"),
    ("beyond the end", #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "need 16 bytes, the file has 8"),
    ("offsets reversed", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "do not fit"),
    ("offsets not whole", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0.0,8.0]}}"#, "do not fit"),
    ("offsets negative", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "do not fit"),
    ("three offsets", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#, "do not fit"),
    ("offsets as large as Int", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}}"#, "begins at 9223372036854775799"),
    ("offsets larger than Int", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775808]}}"#, "do not fit"),
    ("shape and offsets differ", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "do not fit"),
    ("shape overflows", #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, "bad shape"),
    ("shape overflows behind a zero", #"{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}"#, "bad shape"),
    ("shape negative", #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "bad shape"),
    ("shape of texts", #"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#, "bad shape"),
    ("shape not whole", #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, "bad shape"),
    ("nine dimensions", #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#, "bad shape"),
    ("unknown dtype", #"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, "dtype \"F31\" is not known"),
    ("dtype of another type", #"{"a":{"dtype":1,"shape":[2],"data_offsets":[0,8]}}"#, "is not known"),
    ("missing dtype", #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, "expected dtype"),
    ("extra key", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, "expected dtype"),
    ("tensor is no object", #"{"a":[0,8]}"#, "expected dtype"),
    ("metadata of numbers", #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "__metadata__"),
    ("metadata is a list", #"{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "__metadata__"),
    ("nested too deep", #"{"a":"# + String(repeating: "[", count: 100_000), "nested deeper"),
    ("too many values", #"{"a":["# + String(repeating: "0,", count: 1_000_001) + "0]}", "more than 1000000 values"),
    ("long name", #"{"\#(String(repeating: "n", count: 513))":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "name has 513 bytes"),
    ("empty name", #"{"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "name has 0 bytes"),
    ("a name that rewrites the terminal", #"{"a\u001b[2J":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "control characters"),
  ]

  @Test(arguments: bad) func aBadHeaderIsRefused(what: String, header: String, says: String) {
    let path = folder.write(safetensors(header: header))
    let message = refusal { _ = try SafetensorsFile(path) }
    #expect(message.hasPrefix(path) && message.contains(says), "\(what): \(message)")
  }

  @Test(arguments: [
    [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    [0, 0, 0, 0, 0, 0, 0, 0x80], [0xFF, 0, 0, 0, 0, 0, 0, 0],
  ] as [[UInt8]]) func aHeaderLengthBeyondTheFileIsRefused(length: [UInt8]) {
    let path = folder.write(length + Array(Self.good.utf8))
    #expect(refusal { _ = try SafetensorsFile(path) }.contains("download it again"))
  }

  /// The file has that many bytes, all but the first without a place on the disk.
  @Test func aHeaderOfMoreThan100MegabytesIsRefused() {
    let path = folder.write([1, 0xE1, 0xF5, 5, 0, 0, 0, 0] + Array("{".utf8))
    #expect(truncate(path, 200_000_000) == 0)
    #expect(refusal { _ = try SafetensorsFile(path) }.contains("a header of 100000001 bytes"))
  }

  @Test func aFileThatEndsInTheHeaderIsRefused() {
    for count in 0..<safetensors(header: Self.good).count {
      let path = folder.write(Array(safetensors(header: Self.good).prefix(count)))
      #expect(refusal { _ = try openTensorSource(path) }.contains("download it again"), "\(count) bytes")
    }
  }

  @Test func textThatIsNotUTF8IsRefused() {
    var bytes = safetensors(header: Self.good)
    bytes[10] = 0xFF
    let path = folder.write(bytes)
    #expect(refusal { _ = try SafetensorsFile(path) }.contains("UTF-8"))
  }
}
