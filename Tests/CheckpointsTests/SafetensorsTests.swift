import Glibc
import TestSupport
import Testing

@testable import Checkpoints

/// Each rule of strict reading has a small file that breaks it.
@Suite final class SafetensorsTests {
  let folder: String

  init() throws {
    var template = Array("/tmp/checkpoints-XXXXXX".utf8CString)
    folder = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit {
    for name in (try? names(in: folder)) ?? [] where !name.hasPrefix(".") { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  func write(_ bytes: [UInt8], _ name: String = "a.safetensors") -> String {
    let path = folder + "/" + name
    let file = fopen(path, "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    return path
  }

  func file(_ header: String, data: Int = 8) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
      + [UInt8](repeating: 0, count: data)
  }

  static let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

  @Test func aGoodFileIsRead() throws {
    let weights = try Weights(file: write(file(Self.good)))
    #expect(try weights.tensor("a", shape: [2]).bytes.count == 8)
    try weights.finish()
  }

  static let bad: [(String, String)] = [
    ("no object", #"[1]      "#),
    ("empty header", ""),
    ("cut off", #"{"a":{"dtype":"F32""#),
    ("twice the same name", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#),
    ("a hole", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#),
    ("bytes left", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#),
    ("overlap", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
    ("beyond the end", #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#),
    ("offsets reversed", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
    ("offsets not whole", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0.0,8.0]}}"#),
    ("offsets negative", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#),
    ("shape and offsets differ", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#),
    ("shape overflows", #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#),
    ("shape negative", #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#),
    ("unknown dtype", #"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#),
    ("missing dtype", #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#),
    ("extra key", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#),
    ("metadata of numbers", #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
    ("nested too deep", String(repeating: "[", count: 100_000)),
    ("long name", #"{"\#(String(repeating: "n", count: 600))":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
  ]

  @Test(arguments: bad) func aBadHeaderIsRefused(what: String, header: String) {
    let path = write(file(header))
    #expect(throws: CheckpointError.self, "\(what)") { try SafetensorsFile(path) }
  }

  @Test func aHeaderLengthBeyondTheFileIsRefused() {
    for length in [UInt8](arrayLiteral: 0x7F, 0xFF) {
      let path = write([UInt8](repeating: length, count: 8) + Array(Self.good.utf8))
      #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    }
  }

  @Test func textThatIsNotUTF8IsRefused() {
    var bytes = file(Self.good)
    bytes[10] = 0xFF
    let path = write(bytes)
    #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
  }

  @Test func onlyRegularFilesAreRead() {
    mkfifo(folder + "/pipe", 0o600)
    for path in ["/dev/zero", folder, folder + "/pipe", folder + "/none"] {
      #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    }
  }

  @Test func valuesThatAreNoNumbersAreRefusedByName() throws {
    var bytes = file(Self.good)
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
    let weights = try Weights(file: write(bytes))
    let error = #expect(throws: CheckpointError.self) { try weights.tensor("a", shape: [2]) }
    #expect(error?.message.contains("tensor a") == true)
  }

  @Test func whatIsMissingExtraOrMisshapenIsNamed() throws {
    let weights = try Weights(file: write(file(Self.good)))
    let missing = #expect(throws: CheckpointError.self) { try weights["x"][1].tensor("weight", shape: [3]) }
    #expect(missing?.message.contains("x.1.weight [3] is missing") == true)
    let misshapen = #expect(throws: CheckpointError.self) { try weights.tensor("a", shape: [2, 3]) }
    #expect(misshapen?.message.contains("[2], expected [2, 3]") == true)
    let extra = #expect(throws: CheckpointError.self) { try weights.finish() }
    #expect(extra?.message.contains("a") == true)
  }

  /// Flipped bits and cut ends either load or throw; nothing traps.
  @Test func damagedFilesNeverEndTheProcess() throws {
    let whole = fileBytes("packs/tiny-sd2/text_encoder/model.safetensors")
    var state: UInt64 = 7
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for turn in 0..<300 {
      var bytes = turn % 4 == 0 ? Array(whole.prefix(random(whole.count))) : whole
      for _ in 0..<1 + random(4) where !bytes.isEmpty { bytes[random(min(bytes.count, 4000))] ^= UInt8(1 << random(8)) }
      let path = write(bytes)
      guard let file = try? SafetensorsFile(path) else { continue }
      for name in file.tensors.keys { _ = try? file.read(name, rows: nil) }
    }
  }
}
