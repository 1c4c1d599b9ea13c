// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import TestSupport
import Testing

@testable import Checkpoints

/// Pickles made to hurt: each is refused with a message, or harmless.
@Suite struct PickleTests {
  let folder = TemporaryFolder()

  // MARK: - Writing pickles

  static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
  static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
  static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }

  static func storage(_ count: Int = 24, kind: String = "FloatStorage", key: String = "0") -> [UInt8] {
    tuple([text("storage"), global("torch", kind), text(key), text("cpu"), integer(count)]) + [0x51]
  }

  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int] = [2, 3], _ strides: [Int] = [3, 1],
    function: String = "_rebuild_tensor_v2"
  ) -> [UInt8] {
    let arguments = tuple([
      storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
      global("collections", "OrderedDict") + [0x29, 0x52],
    ])
    return global("torch._utils", function) + arguments + [0x52]
  }

  /// The parts one after the other: long sums of arrays are slow to compile.
  static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }
  static func repeated(_ code: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: code, count: count) }
  /// 60 lists, each of them ten times the one before.
  static let laughs: [UInt8] = (0..<60).flatMap { (level: UInt8) -> [UInt8] in
    joined([0x5D, 0x28], (0..<10).flatMap { _ -> [UInt8] in [0x68, level] }, [0x65, 0x71, level + 1])
  }
  static let parameters: [UInt8] = (0..<100_000).flatMap { _ -> [UInt8] in
    joined([0x85, 0x71, 0, 0x30], global("torch._utils", "_rebuild_parameter"), [0x68, 0, 0x52])
  }

  /// {"x": value}
  static func dictionary(_ value: [UInt8], _ more: [UInt8] = []) -> [UInt8] {
    joined([0x80, 2, 0x7D, 0x28], text("x"), value, more, [0x75, 0x2E])
  }

  func open(_ pickle: [UInt8]) throws -> any TensorSource { try openTensorSource(folder.write(torchFile(pickle), "a.pt")) }

  @Test func theTestsOwnTensorIsRead() throws {
    let file = try open(Self.dictionary(Self.tensor()))
    #expect(file.tensors == ["x": TensorDescription(.float32, [2, 3])])
    #expect(try file.read("x", rows: nil).byteArray == Array(0..<24))
  }

  // MARK: - Refused

  typealias Refused = (what: String, pickle: [UInt8], says: String)

  static let refused: [Refused] = refusedStructures + refusedTensors

  static let refusedStructures: [Refused] = [
    ("a call of os.system", joined([0x80, 2], global("posix", "system"), tuple([text("touch called")]), [0x52, 0x2E]), "no tensors"),
    ("a call of eval as the state", joined([0x80, 2], global("builtins", "eval"), tuple([text("{}")]), [0x52, 0x7D, 0x62, 0x2E]), "no tensors"),
    ("memo shared ten times in each of 60 lists", joined([0x80, 2, 0x5D, 0x71, 0], laughs, [0x2E]), "no tensors"),
    ("a list in itself", [0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E], "no tensors"),
    ("a state_dict in itself", joined([0x80, 2, 0x7D, 0x71, 0, 0x28], text("state_dict"), [0x68, 0, 0x75, 0x2E]), "no tensors"),
    ("tuples nested 300,000 deep", joined([0x80, 2, 0x4E], repeated(0x85, 300_000), [0x2E]), "no tensors"),
    ("lists nested 300,000 deep", joined([0x80, 2], repeated(0x5D, 300_000), repeated(0x61, 299_999), [0x2E]), "no tensors"),
    ("parameters nested 100,000 deep", dictionary(joined(tensor(), parameters)), "a parameter without a tensor"),
    ("marks without end", joined([0x80, 2], repeated(0x28, 1_100_000)), "more than 1000000 values"),
    ("copies without end", joined([0x80, 2, 0x4E], repeated(0x32, 1_100_000)), "more than 1000000 values"),
    ("objects without end", joined([0x80, 2], repeated(0x7D, 500_000), repeated(0x30, 500_000), repeated(0x5D, 500_001), [0x2E]), "more than 1000000 values"),
    ("a tuple of a million", joined([0x80, 2, 0x28], repeated(0x4E, 1_000_001), [0x74, 0x2E]), "more than 1000000 values"),
    ("a text of 4 GB", [0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x61, 0x2E], "cut off or damaged"),
    ("a text of 2^63 bytes", [0x80, 4, 0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x2E], "a size beyond all files"),
    ("a text of 2^63 - 1 bytes", [0x80, 4, 0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x2E], "cut off or damaged"),
    ("an integer of 2 GB", [0x80, 2, 0x8B, 0xFF, 0xFF, 0xFF, 0x7F, 0x2E], "cut off or damaged"),
    ("a global put together of long texts", joined([0x80, 4, 0x58, 0, 2, 0, 0], repeated(0x61, 512), [0x94, 0x68, 0, 0x93, 0x2E]), "a long name"),
    ("a global with a long name", joined([0x80, 2, 0x63], repeated(0x61, 600), [0x0A, 0x61, 0x0A, 0x2E]), "a name of 602 bytes"),
    ("a global of numbers", [0x80, 4, 0x4B, 1, 0x4B, 2, 0x93, 0x2E], "a global without a name"),
    ("an unfinished global", [0x80, 2, 0x63, 0x61], "cut off or damaged"),
    ("a memo that was never put", [0x80, 2, 0x68, 9, 0x2E], "nothing was kept as 9"),
    ("an empty stack", [0x80, 2, 0x2E], "nothing is left on its stack"),
    ("a put of nothing", [0x80, 2, 0x71, 0, 0x2E], "nothing is left on its stack"),
    ("a reduce below the mark", [0x80, 2, 0x4E, 0x28, 0x4E, 0x52, 0x2E], "nothing is left on its stack"),
    ("a tuple without a mark", [0x80, 2, 0x4E, 0x74, 0x2E], "no mark"),
    ("a key without a value", [0x80, 2, 0x7D, 0x28, 0x4E, 0x75, 0x2E], "a key without a value"),
    ("no end", [0x80, 2, 0x4E], "cut off or damaged"),
    ("nothing", [], "cut off or damaged"),
    ("an opcode of protocol 0", [0x80, 2, 0x69, 0x61, 0x0A], "the opcode 105 is not known"),
    ("protocol 6", [0x80, 6, 0x4E, 0x2E], "protocol 6"),
  ]

  static let refusedTensors: [Refused] = [
    ("a negative dimension", dictionary(tensor(shape: [-2, 3])), "which no tensor has"),
    ("a negative stride", dictionary(tensor(shape: [2, 3], [-3, 1])), "which no tensor has"),
    ("a negative offset", dictionary(tensor(offset: -1)), "which no tensor has"),
    ("fewer strides than dimensions", dictionary(tensor(shape: [2, 3], [1])), "which no tensor has"),
    ("nine dimensions", dictionary(tensor(shape: [Int](repeating: 1, count: 9), [Int](repeating: 1, count: 9))), "not stored as torch does"),
    ("a shape that overflows", dictionary(tensor(shape: [1 << 62, 4], [4, 1])), "which no tensor has"),
    ("an offset beyond the storage", dictionary(tensor(offset: 19)), "lies beyond its storage of 24 elements"),
    ("an offset as large as Int", dictionary(tensor(offset: .max)), "lies beyond its storage"),
    ("strides beyond the storage", dictionary(tensor(shape: [2, 3], [22, 1])), "lies beyond its storage"),
    ("strides that overflow", dictionary(tensor(shape: [3, 3], [.max, .max])), "lies beyond its storage"),
    ("one element repeated a billion times", dictionary(tensor(shape: [1 << 30], [0])), "lies beyond its storage"),
    ("a storage beyond the file", dictionary(tensor(storage(25))), "a storage of 25 elements in 96 bytes"),
    ("a negative storage", dictionary(tensor(storage(-1))), "a storage of -1 elements"),
    ("a storage that overflows", dictionary(tensor(storage(.max))), "a storage of \(Int.max) elements"),
    ("a storage that is not there", dictionary(tensor(storage(key: "../data.pkl"))), "not in the file"),
    ("a storage of complex numbers", dictionary(tensor(storage(kind: "ComplexFloatStorage"))), "torch.ComplexFloatStorage, which is not read"),
    ("no storage", dictionary(tensor([0x4E])), "has no storage"),
    ("a sparse tensor", dictionary(tensor(function: "_rebuild_sparse_tensor")), "_rebuild_sparse_tensor, which is not read"),
    ("the same name twice", dictionary(tensor(), joined(text("x"), tensor())), "tensor x is there twice"),
    ("a name that rewrites the terminal", joined([0x80, 2, 0x7D, 0x28], text("\u{1B}[2J"), tensor(), [0x75, 0x2E]), "control characters"),
  ]

  @Test(arguments: refused.indices) func aHostilePickleIsRefused(index: Int) {
    let (what, pickle, says) = Self.refused[index]
    let path = folder.path + "/a.pt"
    let message = refusal { _ = try open(pickle) }
    #expect(message.hasPrefix(path) && message.contains(says), "\(what): \(message)")
    #expect(access("called", F_OK) != 0)
  }

  // MARK: - Harmless

  /// What is not a tensor's is passed over, even what would run a program elsewhere.
  @Test func callsBesideTensorsAreNeverMade() throws {
    let call = Self.joined(Self.text("y"), Self.global("posix", "system"), Self.tuple([Self.text("touch called")]), [0x52])
    let file = try open(Self.dictionary(Self.tensor(), call))
    #expect(file.tensors.keys.sorted() == ["x"])
    #expect(access("called", F_OK) != 0)
  }

  /// Dimensions of one may have any stride, an empty tensor may have any.
  @Test func stridesThatAreNeverWalkedDoNotMatter() throws {
    let one = try open(Self.dictionary(Self.tensor(shape: [1, 3], [.max, 2])))
    #expect(try one.read("x", rows: nil).byteArray == [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19])
    #expect(try one.read("x", rows: 0..<1).shape == [1, 3])
    let none = try open(Self.dictionary(Self.tensor(shape: [3, 0], [.max, .max])))
    #expect(try none.read("x", rows: 1..<2).shape == [1, 0])
  }

  // MARK: - Archives

  /// Each 32-bit field of the records set to values at the limits.
  @Test func fieldsOfTheArchiveAtTheirLimitsNeverEndTheProcess() throws {
    for name in ["torch/model.pth", "torch/zip64.pt"] {
      let whole = fileBytes(name)
      for start in whole.indices.dropLast(8) {
        guard whole[start] == 0x50, whole[start + 1] == 0x4B else { continue }
        for offset in stride(from: 4, to: 64, by: 2) where start + offset + 8 <= whole.count {
          for value: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]] {
            var bytes = whole
            bytes.replaceSubrange(start + offset..<start + offset + value.count, with: value)
            guard let file = try? openTensorSource(folder.write(bytes, "a.pt")) else { continue }
            for name in file.tensors.keys { _ = try? file.read(name, rows: nil) }
          }
        }
      }
    }
  }

  @Test func entriesThatOverlapOrAreCompressedAreRefused() {
    let whole = torchFile(Self.dictionary(Self.tensor()))
    let directory = whole.indices.filter { whole[$0...].starts(with: [0x50, 0x4B, 1, 2]) }
    func changed(_ index: Int, _ bytes: [UInt8]) -> String {
      var copy = whole
      copy.replaceSubrange(index..<index + bytes.count, with: bytes)
      return refusal { _ = try openTensorSource(folder.write(copy, "a.pt")) }
    }
    #expect(directory.count == 3)
    #expect(changed(directory[1] + 42, [0, 0, 0, 0]).contains("overlaps the one before"))
    #expect(changed(directory[1] + 10, [8, 0]).contains("compressed or encrypted"))
    #expect(changed(directory[1] + 20, [97, 0, 0, 0, 97, 0, 0, 0]).contains("overlaps the one before"))
    #expect(changed(directory[2] + 20, [0, 0, 0, 1, 0, 0, 0, 1]).contains("is not where the zip directory says"))
    #expect(changed(directory[2] + 42, [0, 0, 0, 0x70]).contains("lies beyond the archive"))
    #expect(changed(whole.count - 6, [0, 0, 0, 0]).contains("the zip directory is not where"))
  }

  // MARK: - TorchScript

  /// A module with these attributes, names and values one after the other.
  static func module(_ attributes: [UInt8]) -> [UInt8] {
    joined(global("__torch__", "Module"), [0x29, 0x81, 0x7D, 0x28], attributes, [0x75, 0x62])
  }

  @Test func attributesOfModulesAreCalledByTheirPaths() throws {
    let inner = Self.module(Self.joined(Self.text("weight"), Self.tensor(), Self.text("training"), [0x89]))
    let file = try open(Self.joined([0x80, 2], Self.module(Self.joined(Self.text("0"), inner)), [0x2E]))
    #expect(file.tensors == ["0.weight": TensorDescription(.float32, [2, 3])])
  }

  @Test func modulesWithoutEndAreRefused() {
    // One that holds itself, and thirty of which each holds the one before twice.
    let own = Self.joined(
      Self.global("__torch__", "Module"), [0x29, 0x81, 0x71, 0, 0x7D, 0x28], Self.text("a"), [0x68, 0, 0x75, 0x62])
    var doubled = Self.module([])
    for level in 0..<30 as Range<UInt8> {
      let twice = Self.joined(Self.text("a"), [0x68, level], Self.text("b"), [0x68, level])
      doubled = Self.joined(doubled, [0x71, level, 0x30], Self.module(twice))
    }
    for modules in [own, doubled] {
      #expect(refusal { _ = try open(Self.joined([0x80, 2], modules, [0x2E])) }.contains("more modules than a model has"))
    }
  }

  @Test(arguments: 0..<10) func damagedTorchFilesNeverEndTheProcess(seed: Int) throws {
    let name = ["torch/types.pt", "torch/views.pt", "torch/lightning.ckpt", "torch/zip64.pt", "lama/big-lama.pt"][seed % 5]
    let whole = fileBytes(name)
    try #require(!whole.isEmpty)
    var damage = DamageTests.Damage(state: UInt64(300 + seed))
    var loaded = 0
    for _ in 0..<300 {
      let path = folder.write(damage.damaged(whole, focus: whole.count), "a.pt")
      guard let file = try? openTensorSource(path) else { continue }
      loaded += 1
      for name in file.tensors.keys { _ = try? file.read(name, rows: nil) }
    }
    #expect(loaded > 0 && loaded < 300, "the damage must be neither hopeless nor harmless: \(loaded)")
  }

  /// The pickle alone, where most of the meaning is: one changed byte at a time, inside an archive that stays whole.
  @Test func everyByteOfAPickleCanBeWrong() throws {
    let pickle = Self.dictionary(Self.tensor())
    var damage = DamageTests.Damage(state: 400)
    for index in pickle.indices {
      for _ in 0..<12 {
        var bytes = pickle
        bytes[index] = UInt8(damage.random(256))
        guard let file = try? open(bytes) else { continue }
        for name in file.tensors.keys { _ = try? file.read(name, rows: nil) }
      }
    }
    for count in pickle.indices {
      #expect(refusal { _ = try open(Array(pickle.prefix(count))) }.hasPrefix(folder.path), "\(count) bytes")
    }
  }
}
