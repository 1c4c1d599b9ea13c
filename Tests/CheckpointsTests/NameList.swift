// SPDX-License-Identifier: LGPL-3.0-or-later
import TestSupport
import Testing

@testable import Checkpoints

/// Tests/fixtures/checkpoints/names.tsv: all tensors of full-size SD 1.5 and SD 2 inpainting under both names.
struct NameList {
  enum Family: Int { case sd15 = 3, sd2 = 4 }

  /// A checkpoint of these original names and shapes, without values.
  let source: NamedShapes
  /// The shape of each tensor by part and diffusers name.
  private(set) var expected: [String: [String: [Int]]] = [:]

  /// The columns are explained in make.py.
  init(_ family: Family) throws {
    var tensors: [String: TensorDescription] = [:]
    var prefix = ""
    for line in try RegularFile.text(fixtures + "/checkpoints/names.tsv", limit: 1 << 20).split(separator: "\n") {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(cells.count == 5)
      if !cells[1].hasPrefix("...") {
        prefix = ["model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer.text_model.", "cond_stage_model.model."]
          .first(where: cells[1].hasPrefix) ?? ""
      }
      let inner = String(cells[1].dropFirst(cells[1].hasPrefix("...") ? 3 : prefix.count))
      var cell = cells[family.rawValue]
      if cell == "=" { cell = cells[3] }
      guard cell != "-" else { continue }
      let shapes = cell.split(separator: ">").map { $0.split(separator: ",").compactMap { Int($0) } }
      let description: TensorDescription = try #require(TensorDescription(.float16, shapes[0]))
      tensors[prefix + inner] = description
      if cells[0] != "-" { expected[cells[0], default: [:]][cells[2] == "=" ? inner : cells[2]] = shapes[shapes.count - 1] }
    }
    source = NamedShapes(tensors)
  }
}

/// A checkpoint without values.
final class NamedShapes: TensorSource {
  let path = "names"
  let tensors: [String: TensorDescription]

  init(_ tensors: [String: TensorDescription]) { self.tensors = tensors }

  func read(_ name: String, rows: Range<Int>?) throws -> StoredTensor { throw CheckpointError("no values") }
}
