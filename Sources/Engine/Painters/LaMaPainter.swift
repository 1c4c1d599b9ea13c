// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Imaging
import LaMa
import Layers
import Numerics
import Properties

/// LaMa: one pass, without text and without noise.
final class LaMaPainter: Painter {
  static let operations: [Operation] = [.lamaInpaint]
  static let shelf = ModelShelf(
    variable: "GEGL_INPAINT_LAMA", usersDefault: "lama", installed: "lama",
    wanted: "a LaMa (best.ckpt, big-lama.pt or an export as .safetensors)")
  static let models: [any PackModel.Type] = [LaMaGenerator.self]
  static let requiredModels: [any PackModel.Type] = [LaMaGenerator.self]

  /// Suvorov et al. 2022 trained on 256 x 256 pixels, and show that it fills as well at sizes far above.
  private static let trainedSize = 256
  private static let largestOwnSize = 2048

  static func summary(_ pack: OpenedPack) throws -> (title: String, nativeSize: Int) {
    let configuration = try LaMaConfiguration(pack)
    return (configuration.blocks < 18 ? "LaMa" : "big-LaMa", try pack.nativeSize(or: trainedSize))
  }

  private let configuration: LaMaConfiguration
  let traits: PaintTraits
  let note: String? = nil
  let released: [any PackModel.Type] = []
  let extraBytes = 0

  init(_ request: Request, _ pack: OpenedPack) throws {
    guard pack.has(LaMaGenerator.part) else {
      throw CheckpointError(
        "\(pack.path) is no LaMa; set the property model or \(Self.shelf.variable) to \(Self.shelf.wanted)")
    }
    configuration = try LaMaConfiguration(pack)
    var traits = PaintTraits(nativeSize: try pack.nativeSize(or: Self.trainedSize))
    traits.largestOwnSize = Self.largestOwnSize
    traits.matchesColor = request.colorMatch == .always
    let recommended = try Recommendation(pack, for: request.operation).detail
    // It has no noise from which a second pass could start.
    traits.detail = (request.detail == .auto ? recommended : request.detail) == .surroundings ? .surroundings : .model
    self.traits = traits
  }

  func needs(_ models: LoadedModels) -> [any PackModel.Type] { [LaMaGenerator.self] }

  func tensorBytes(width: Int, height: Int) throws -> Int {
    configuration.activationBytes(pixels: padded(width) * padded(height))
  }

  func check(_ models: LoadedModels, in workspace: Workspace) throws {}

  func paint(
    _ job: PaintJob, _ models: LoadedModels, in workspace: Workspace, progress: (Progress) -> Void
  ) throws -> Picture {
    let (width, height) = (padded(job.picture.width), padded(job.picture.height))
    func tensor(_ picture: Picture) -> Tensor {
      Tensor([1, height, width, picture.channels], picture.mirrored(width: width, height: height).values, in: workspace)
    }
    let generator = try models(LaMaGenerator.self)
    let result = try generator(tensor(job.picture), mask: tensor(job.hole), progress: progress)
    return Picture(width: width, height: height, channels: 3, values: result.array)
      .cropped(Rectangle(x: 0, y: 0, width: job.picture.width, height: job.picture.height))
  }

  /// A side as the model takes it.
  private func padded(_ side: Int) -> Int {
    let cell = configuration.cell
    return max((side + cell - 1) / cell * cell, configuration.smallestSide)
  }
}

extension LaMaPainter {
  static func timedParts(_ models: LoadedModels, side: Int) throws -> [LoadedModels.TimedPart] {
    let generator = try models(LaMaGenerator.self)
    return [
      LoadedModels.TimedPart(name: "LaMa") { workspace in
        let image = Tensor([1, side, side, 3], repeating: 0.5, in: workspace)
        let mask = Tensor([1, side, side, 1], repeating: 1, in: workspace)
        return { _ = try generator(image, mask: mask) { _ in } }
      }
    ]
  }
}

extension Picture {
  /// To the right and below, mirrored with the outermost pixels (numpy's `symmetric`), as often as it takes.
  fileprivate func mirrored(width: Int, height: Int) -> Picture {
    func place(_ index: Int, _ side: Int) -> Int {
      let index = index % (2 * side)
      return index < side ? index : 2 * side - 1 - index
    }
    var result = Picture(width: width, height: height, channels: channels)
    for y in 0..<height {
      for x in 0..<width {
        let source = (place(y, self.height) * self.width + place(x, self.width)) * channels
        let target = (y * width + x) * channels
        for channel in 0..<channels { result.values[target + channel] = values[source + channel] }
      }
    }
    return result
  }
}
