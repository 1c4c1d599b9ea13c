// SPDX-License-Identifier: LGPL-3.0-or-later
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Checkpoints

/// Diffusers folders.
@Suite struct OpenedPackTests {
  let folder = TemporaryFolder()
  let stem = "diffusion_pytorch_model"

  func unet(_ files: [(name: String, bytes: [UInt8])]) throws -> Weights {
    for (name, bytes) in files { folder.write(bytes, "unet/" + name) }
    return try OpenedPack.open(folder.path).weights(.unet)
  }

  @Test func aFolderAndItsIndexFileAreTheSamePack() throws {
    let folder = fixtures + "/packs/tiny-sd15"
    for path in [folder, folder + "/", folder + "/model_index.json"] {
      let pack = try OpenedPack.open(path)
      #expect(pack.path == folder && pack.has(.unet) && pack.hasFolder("tokenizer") && !pack.has(.mae) && !pack.isOneFile)
    }
  }

  @Test func aFolderWithoutAModelIsRefused() {
    folder.write("{}", "config.json")
    #expect(refusal { _ = try OpenedPack.open(folder.path) }.hasPrefix("no model in \(folder.path); expected a folder with"))
    #expect(refusal { _ = try OpenedPack.open(folder.path + "/none") } == "\(folder.path)/none: no such file or folder")
    #expect(refusal { _ = try OpenedPack.open("") }.contains("no such file or folder"))
  }

  @Test func aPartCanStandAlone() throws {
    folder.write(safetensors(["a"]), "mae/model.safetensors")
    let pack = try OpenedPack.open(folder.path)
    #expect(try pack.weights(.mae).contains("a"))
    #expect(refusal { _ = try pack.weights(.unet) } == "no unet in \(folder.path); expected unet/\(stem).safetensors or unet/\(stem).bin")
    #expect(refusal { _ = try pack.weights(.textEncoder) } == "no text_encoder in \(folder.path); expected text_encoder/model.safetensors or text_encoder/pytorch_model.bin")
    #expect(try pack.configuration(.mae) == nil)
    #expect(refusal { _ = try pack.configuration(.unet) } == "no config.json in \(folder.path)/unet")
  }

  // MARK: - Opened once

  @Test func whatIsLoadedIsWhatWasPlannedWith() throws {
    folder.write(safetensors([("a", [2])]), "unet/\(stem).safetensors")
    folder.write(#"{"a": 1}"#, "unet/config.json")
    let pack = try OpenedPack.open(folder.path)
    #expect(try pack.byteCount(.unet) == 8 && pack.configuration(.unet)?["a"]?.int == 1)
    for name in ["\(stem).safetensors", "config.json"] { unlink(folder.path + "/unet/" + name) }
    folder.write(safetensors([("b", [1])]), "unet/\(stem).safetensors")
    #expect(try pack.weights(.unet).tensor("a", shape: [2]).floats == [0, 1] && pack.configuration(.unet)?["a"]?.int == 1)
    let other = try OpenedPack.open(folder.path)
    #expect(try other.byteCount(.unet) == 4 && other.identity != pack.identity)
  }

  /// What one view was asked for does not count for another.
  @Test func everyCallGivesAViewOfItsOwn() throws {
    folder.write(safetensors(["a"]), "unet/\(stem).safetensors")
    let pack = try OpenedPack.open(folder.path)
    _ = try pack.weights(.unet).tensor("a", shape: [1])
    #expect(refusal { try pack.weights(.unet).finish() }.contains("no place for 1 tensors"))
  }

  @Test func eachValueIsMadeOnceOnAllThreads() {
    struct Refused: Error {}
    let once = Once<Int>()
    let calls = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for key in 0..<100 {
        let value = try? once("\(key)") {
          calls.add(1, ordering: .relaxed)
          if key == 7 { throw Refused() }
          return key
        }
        #expect(value == (key == 7 ? nil : key))
      }
    }
    let all = calls.load(ordering: .relaxed)
    #expect(all == 100)
  }

  // MARK: - Which file

  @Test(arguments: ["mae_300.pth", "asuka_alignment_sd.pt", "asuka_decoder.ckpt", "places.safetensors", "a.bin"])
  func publishedFilesKeepTheirNames(name: String) throws {
    let part = PackPart.mae
    folder.write("notes", "mae/README.md")
    folder.write(safetensors(["a"]), "mae/" + name)
    #expect(try OpenedPack.open(folder.path).weights(part).contains("a"))
    // The default name comes first, several others are too many.
    folder.write(safetensors(["b"]), "mae/other.pth")
    let message = refusal { _ = try OpenedPack.open(folder.path).weights(part) }
    #expect(message.hasPrefix("\(folder.path)/mae: several files of weights, "), "\(message)")
    #expect(message.contains(name) && message.contains("other.pth"), "\(message)")
    #expect(message.hasSuffix("; leave one there, or call it model.safetensors or model.bin"), "\(message)")
    folder.write(safetensors(["c"]), "mae/model.safetensors")
    #expect(try OpenedPack.open(folder.path).weights(part).contains("c"))
  }

  @Test func aTorchFileOfAnotherNameIsRead() throws {
    folder.link(fixtures + "/torch/model.pth", "mae/mae_300.pth")
    #expect(try !OpenedPack.open(folder.path).weights(.mae).names.isEmpty)
  }

  @Test(arguments: [PackPart.unet, .vae, .textEncoder]) func otherPartsHaveTheirDefaultNames(part: PackPart) {
    folder.write(safetensors(["a"]), part.name + "/anything.safetensors")
    #expect(refusal { _ = try OpenedPack.open(folder.path).weights(part) }.hasPrefix("no \(part.name) in"))
  }

  @Test(arguments: [
    (["fp16.safetensors", "safetensors"], "safetensors"), (["safetensors.index.json", "safetensors"], "safetensors"),
    (["fp16.safetensors", "safetensors.index.json"], "safetensors.index.json"),
    (["bf16.safetensors", "fp16.safetensors", "non_ema.safetensors"], "fp16.safetensors"),
    (["non_ema.safetensors", "own.safetensors"], "own.safetensors"), (["non_ema.safetensors"], "non_ema.safetensors"),
    (["fp16-00001-of-00002.safetensors", "safetensors.index.fp16.json"], "safetensors.index.fp16.json"),
    (["fp16-00001-of-00002.safetensors"], nil), (["bin", "safetensors.json", "msgpack"], nil), ([], nil),
  ] as [([String], String?)]) func thePlainFileComesBeforeVariants(files: [String], expected: String?) {
    let names = files.map { stem + "." + $0 } + ["model.safetensors", "x\(stem).safetensors"]
    #expect(FolderPart.preferred(names.shuffled(), as: stem + ".safetensors") == expected.map { stem + "." + $0 })
  }

  @Test func aBinThatIsNoTorchFileIsRefusedWithTheRemedy() {
    let message = refusal { _ = try unet([(stem + ".bin", [0])]) }
    #expect(message.contains("not a readable torch file") && message.hasSuffix("convert the checkpoint to .safetensors"))
  }

  @Test func aLinkThatLeadsNowhereIsNamed() throws {
    mkdir(folder.path + "/unet", 0o700)
    let link = folder.path + "/unet/\(stem).safetensors"
    symlink("../../blobs/none", link)
    #expect(refusal { _ = try unet([]) } == "\(link): No such file or directory")
    symlink("none", folder.path + "/unet/config.json")
    let pack = try OpenedPack.open(folder.path)
    #expect(refusal { _ = try pack.configuration(.unet) }.hasSuffix("config.json: No such file or directory"))
  }

  // MARK: - Shards

  @Test(arguments: [
    (#"{"weight_map":{"a":"../one.safetensors"}}"#, "plain name"), (#"{"weight_map":{"a":"/etc/passwd"}}"#, "plain name"),
    (#"{"weight_map":{"a":"x/one.safetensors"}}"#, "plain name"), (#"{"weight_map":{"a":".one.safetensors"}}"#, "plain name"),
    // To `String` this is one character, to the system a slash.
    (#"{"weight_map":{"a":"x/\u0338one.safetensors"}}"#, "plain name"),
    (#"{"weight_map":{"a":"one.safetensors\u0000"}}"#, "plain name"), (#"{"weight_map":{"a":""}}"#, "plain name"),
    (#"{"weight_map":{"a":"one.bin"}}"#, "plain name"), (#"{"weight_map":{"a":1}}"#, "plain name"),
    (#"{"weight_map":{"c":"one.safetensors"}}"#, "tensor c is not in one.safetensors"), (#"{}"#, "no weight_map"), ("[]", "no weight_map"),
    (#"{"weight_map":{"a":"none.safetensors"}}"#, "No such file"), (#"{"weight_map":{}"#, "bad JSON"),
    (#"{"weight_map":{"a":"two.safetensors"}}"#, "tensor b of two.safetensors is not listed"),
  ]) func aBadIndexIsRefused(index: String, says: String) {
    let message = refusal {
      _ = try unet([
        (stem + ".safetensors.index.json", Array(index.utf8)), ("one.safetensors", safetensors(["a"])),
        ("two.safetensors", safetensors(["a", "b"])),
      ])
    }
    #expect(message.contains(says), "\(message)")
  }

  @Test func anIndexOfMoreThan16MegabytesIsRefused() {
    let index = [UInt8](repeating: UInt8(ascii: " "), count: (16 << 20) + 1)
    #expect(refusal { _ = try unet([(stem + ".safetensors.index.json", index)]) }.contains("more than 16777216"))
  }

  // MARK: - Texts

  @Test func textsAreReadWholeOrRefused() throws {
    folder.write(safetensors(["a"]), "unet/\(stem).safetensors")
    folder.write("größer", "tokenizer/vocab.json")
    folder.write([0x61, 0xFF], "tokenizer/merges.txt")
    folder.write("[1]", "recommended.json")
    folder.write(#"{"sample_size":64,"#, "unet/config.json")
    mkdir(folder.path + "/tokenizer/folder.txt", 0o700)
    let pack = try OpenedPack.open(folder.path)
    #expect(try pack.text("tokenizer/vocab.json") == "größer" && pack.text("tokenizer/none.json") == nil)
    #expect(refusal { _ = try pack.text("tokenizer/merges.txt") }.hasSuffix("merges.txt: not UTF-8 text"))
    #expect(refusal { _ = try pack.text("tokenizer/folder.txt") }.hasSuffix("not a regular file"))
    #expect(refusal { _ = try pack.recommended() }.hasSuffix("recommended.json: not a JSON object"))
    #expect(refusal { _ = try pack.configuration(.unet) }.contains("unet/config.json: bad JSON at byte"))
    let large = folder.write("", "tokenizer/merges.txt")
    truncate(large, (64 << 20) + 1)
    #expect(refusal { _ = try pack.text("tokenizer/merges.txt") }.contains("more than 67108864"))
  }

  @Test func whatNobodyReadsOfTheRecommendationsIsNamed() throws {
    func notes(_ json: String) throws -> [String] {
      folder.write(safetensors(["a"]), "mae/model.safetensors")
      folder.write(json, "recommended.json")
      return try OpenedPack.open(folder.path).unreadRecommendations(
        keys: ["native_size"], operations: ["inpaint:a", "inpaint:b"], properties: ["steps"])
    }
    #expect(try notes(#"{"native_size": 512, "operations": {"inpaint:a": {"steps": 2}}}"#) == [])
    let text = #"{"nativesize": 1, "operations": {"inpaint:b": {"step": 2, "steps": 3}, "a": {}, "inpaint:a": 1}}"#
    #expect(try notes(text) == [
      #"recommended.json: "nativesize" is not read; there are native_size, operations"#,
      #"recommended.json: the operation "a" is not read; there are inpaint:a, inpaint:b"#,
      #"recommended.json: "inpaint:a" is not read; it is no object"#,
      #"recommended.json: inpaint:b has "step" is not read; there are steps"#,
    ])
    #expect(try notes(#"{"operations": []}"#) == [#"recommended.json: "operations" is not read; it is no object"#])
  }

  @Test func configurationsAreRead() throws {
    let pack = try OpenedPack.open(fixtures + "/packs/tiny-sd2")
    #expect(try pack.configuration(.unet)?["in_channels"]?.int == 9)
    #expect(try pack.object("scheduler/scheduler_config.json")?["beta_schedule"]?.string == "scaled_linear")
    #expect(try pack.recommended() == nil)
  }
}
