// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import TestSupport
import Testing

@testable import Checkpoints

/// What is read of a file, and what can happen to it meanwhile.
@Suite struct ReadingTests {
  let folder = TemporaryFolder()

  @Test func onlyRegularFilesAreRead() {
    mkfifo(folder.path + "/pipe", 0o600)
    mkdir(folder.path + "/folder.safetensors", 0o700)
    symlink("/dev/zero", folder.path + "/zeros")
    for path in ["/dev/zero", "/dev/null", folder.path + "/pipe", folder.path + "/folder.safetensors", folder.path + "/zeros"] {
      #expect(refusal { _ = try openTensorSource(path) } == "\(path): not a regular file")
    }
    #expect(refusal { _ = try openTensorSource(folder.path + "/none") }.contains("No such file"))
  }

  @Test func linksAreFollowed() throws {
    folder.write(safetensors(["a"]), "blob")
    symlink("blob", folder.path + "/link.safetensors")
    #expect(try openTensorSource(folder.path + "/link.safetensors").tensors.keys.sorted() == ["a"])
    symlink("loop", folder.path + "/loop")
    #expect(refusal { _ = try openTensorSource(folder.path + "/loop") }.contains("symbolic links"))
  }

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull"),
    ("<!DOCTYPE html><html>", "web page"), ("GGUF\u{3}\0\0\0{\0\0\0\0\0\0\0", "a GGUF file"), ("PK\u{3}\u{4}\0\0\u{8}\u{8}\0\0\0\0", "no end of the zip archive"),
    ("", "empty file"), ("{\"a\": 1}", "download it again"),
  ]) func whatIsNoCheckpointIsNamed(text: String, says: String) {
    let path = folder.write(text, "a.safetensors")
    #expect(refusal { _ = try openTensorSource(path) }.contains(says))
  }

  @Test func aBarePickleIsNamed() {
    let path = folder.write([0x80, 2, 0x7D, 0x71, 0, 0x28, 0x58, 5, 0, 0, 0], "a.safetensors")
    #expect(refusal { _ = try openTensorSource(path) }.contains("convert"))
    for name in ["model.ckpt", "model.pt", "model.pth", "model.bin"] {
      let path = folder.write("PK", name)
      #expect(refusal { _ = try openTensorSource(path) }.contains("convert the checkpoint to .safetensors"))
    }
  }

  /// With a mapping this would end the process.
  @Test func aFileThatShrinksIsAnErrorNotASignal() throws {
    let path = folder.write(safetensors([("a", [300_000]), ("b", [2])]))
    let weights = try Weights(file: path)
    #expect(truncate(path, 10_000) == 0)
    #expect(refusal { _ = try weights.tensor("a", shape: [300_000]) } == "\(path): the file became shorter while it was read")
  }

  /// The bits of an infinity and of NaNs, quiet and signalling, at the first, a middle and the last element.
  @Test(arguments: [
    ("F32", 4, [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F80_0001]), ("F16", 2, [0x7C00, 0xFC00, 0x7E00, 0x7C01]),
    ("BF16", 2, [0x7F80, 0xFF80, 0x7FC0, 0x7F81]),
  ] as [(String, Int, [UInt32])]) func valuesThatAreNoNumbersAreRefusedByName(dtype: String, size: Int, bad: [UInt32]) throws {
    let count = 1027
    let header = "{\"x.y\":{\"dtype\":\"\(dtype)\",\"shape\":[\(count)],\"data_offsets\":[0,\(count * size)]}}"
    for value in bad {
      for index in [0, 513, count - 1] {
        var data = [UInt8](repeating: 0, count: count * size)
        for byte in 0..<size { data[index * size + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
        let weights = try Weights(file: folder.write(safetensors(header: header, data: data)))
        let message = refusal { _ = try weights["x"].tensor("y", shape: [count]) }
        #expect(message.contains("tensor x.y has values that are not finite"), "\(value) at \(index): \(message)")
      }
    }
  }

  /// The largest numbers are numbers.
  @Test(arguments: [("F32", [0xFF, 0xFF, 0x7F, 0x7F]), ("F16", [0xFF, 0x7B, 0xFF, 0xFB]), ("BF16", [0x7F, 0x7F, 0x7F, 0xFF])] as [(String, [UInt8])])
  func theLargestNumbersAreRead(dtype: String, data: [UInt8]) throws {
    let shape = dtype == "F32" ? 1 : 2
    let header = "{\"a\":{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],\"data_offsets\":[0,4]}}"
    let weights = try Weights(file: folder.write(safetensors(header: header, data: data)))
    #expect(try weights.tensor("a", shape: [shape]).byteArray == data)
  }

  @Test func memoryIsAligned() throws {
    for count in [0, 1, 3, 1000] {
      let tensor = try StoredTensor(.float16, [count])
      #expect(UInt(bitPattern: tensor.bytes.baseAddress) % 64 == 0 && tensor.bytes.count == 2 * count)
    }
  }

  @Test func memoryThatCannotBeIsAnError() {
    #expect(throws: CheckpointError.self) { try StoredTensor(.float32, [1 << 32, 1 << 32]) }
    #expect(throws: CheckpointError.self) { try StoredTensor(.float32, [-1]) }
    #expect(throws: CheckpointError.self) { try StoredTensor(.uint8, [Int.max]) }
  }
}
