// SPDX-License-Identifier: LGPL-3.0-or-later
/// Low-rank additions to the layers of a model (Hu et al. 2021): y + scale up(down(x)).
///
/// Read from the layouts of diffusers (PEFT's names, the older attention processors'), of kohya-ss, of cloneofsimo, and
/// of models into which the layers were injected: see `LoRANames` and `LoRAOrder`.
public struct LoRA: Sendable {
  /// The models that it can add to; named as a pack's folders.
  public enum Part: String, Sendable, CaseIterable {
    case unet
    case textEncoder = "text_encoder"
  }

  /// One layer's addition.
  public struct Pair: Sendable {
    public let down: StoredTensor  // [rank, inputs, kernel, kernel], or without ones at the end
    public let up: StoredTensor  // [outputs, rank], or with ones at the end
    public let scale: Float

    public var rank: Int { down.shape[0] }
  }

  public let path: String
  /// By part and layer path.
  public let pairs: [Part: [String: Pair]]

  /// Bytes that a LoRA takes while it is added to a model: its tensors, and once more as float32.
  ///
  /// Throws `CheckpointError` where the file breaks a rule of its format.
  public static func byteCountWhileAdded(_ path: String) throws -> Int {
    try openTensorSource(path).tensors.values.reduce(0) { bytes, tensor in
      bytes + tensor.byteCount + tensor.byteCount / tensor.type.byteCount * MemoryLayout<Float>.stride
    }
  }

  /// Reads a LoRA for models with these layers.
  ///
  /// Throws `CheckpointError` where the file breaks a rule of its format, where its layout is not known, and for a
  /// layer that the model does not have or whose shapes differ, by name.
  public init(_ path: String, layers: [Part: [LayerShape]]) throws {
    let source = try openTensorSource(path)
    let entries = try LoRAOrder.isIn(source)
      ? LoRAOrder.entries(of: source, layers: layers) : LoRANames.entries(of: source, layers: layers)
    let scales = try AdapterScales(source)
    let weights = Weights(TensorCatalog(path: path, TensorCatalog.locations(source)))
    var pairs: [Part: [String: Pair]] = [:]
    for entry in entries { pairs[entry.part, default: [:]][entry.layer.path] = try entry.read(source, weights, scales) }
    guard !pairs.isEmpty else {
      throw CheckpointError(
        "\(path): no LoRA: expected tensors like unet.*.lora_A.weight, lora_unet_*.lora_down.weight, unet:0:down")
    }
    self.path = path
    self.pairs = pairs
  }
}

/// The tensors of one layer's addition in a file.
struct LoRAEntry {
  let part: LoRA.Part
  let layer: LayerShape
  var down: String?
  var up: String?
  var alpha: String?

  /// Whether the shapes are the layer's.
  func fits(_ source: any TensorSource) -> Bool {
    guard let down = down.flatMap({ source.tensors[$0] })?.shape, let up = up.flatMap({ source.tensors[$0] })?.shape,
      let rank = down.first, rank > 0
    else { return false }
    return [layer.inputs, latentInputs].contains { inputs in
      down.withoutTrailingOnes == [rank, inputs, layer.kernel, layer.kernel].withoutTrailingOnes
    } && up.withoutTrailingOnes == [layer.outputs, rank].withoutTrailingOnes
  }

  /// A model for inpainting sees the latents first, then the mask and the known part, of which a LoRA made for others
  /// knows nothing.
  private var latentInputs: Int { part == .unet && layer.path == "conv_in" ? min(layer.inputs, 4) : layer.inputs }

  func read(_ source: any TensorSource, _ weights: Weights, _ scales: AdapterScales) throws -> LoRA.Pair {
    let name = "\(part.rawValue) \(layer.path)"
    guard let down, let up else {
      throw CheckpointError(
        "\(source.path): the LoRA of \(name) has only one of its two tensors; the file is incomplete")
    }
    guard fits(source) else {
      let kernel = layer.kernel == 1 ? "" : ", \(layer.kernel), \(layer.kernel)"
      throw CheckpointError(
        "\(source.path): the LoRA of \(name) has shapes \(shape(down, source)) and \(shape(up, source)), expected "
          + "[rank, \(layer.inputs)\(kernel)] and [\(layer.outputs), rank]; "
          + "it was made for another model")
    }
    func weight(_ name: String) throws -> StoredTensor {
      try weights.tensor(name, shape: source.tensors[name]?.shape ?? [])
    }
    let pair = try (down: weight(down).padded(inputs: layer.inputs), up: weight(up))
    let rank = pair.down.shape[0]
    let scale = try alpha.map { try number($0, source) / Float(rank) } ?? scales.scale(part, layer.path, rank: rank)
    return LoRA.Pair(down: pair.down, up: pair.up, scale: scale)
  }

  private func shape(_ name: String, _ source: any TensorSource) -> String { "\(source.tensors[name]?.shape ?? [])" }

  /// A tensor of one element.
  private func number(_ name: String, _ source: any TensorSource) throws -> Float {
    let stored = try source.tensors[name].map { $0.shape.allSatisfy { $0 == 1 } } == true
      ? source.read(name, rows: nil) : nil
    let value = stored.flatMap { stored in withExtendedLifetime(stored) { stored.number } }
    guard let value, value.isFinite else { throw CheckpointError("\(source.path): tensor \(name) is not a number") }
    return value
  }
}

extension StoredTensor {
  /// Of [rank, inputs, ...], with zeros for the inputs that are missing.
  fileprivate func padded(inputs: Int) throws -> StoredTensor {
    guard shape.count > 1, shape[1] < inputs else { return self }
    let result = try StoredTensor(elementType, [shape[0], inputs] + shape.dropFirst(2))
    guard let source = bytes.baseAddress, let target = result.bytes.baseAddress else { return result }
    target.initializeMemory(as: UInt8.self, repeating: 0, count: result.bytes.count)  // 0 of any type
    let (from, to) = (bytes.count / shape[0], result.bytes.count / shape[0])
    for row in 0..<shape[0] { (target + row * to).copyMemory(from: source + row * from, byteCount: from) }
    return result
  }

  /// The first element; nil for types that no scale has.
  fileprivate var number: Float? {
    switch elementType {
    case .float64: Float(bytes.load(as: Double.self))
    case .float32: bytes.load(as: Float.self)
    case .float16: float(half: bytes.load(as: UInt16.self))
    case .bfloat16: Float(bitPattern: UInt32(bytes.load(as: UInt16.self)) << 16)
    case .int64: Float(bytes.load(as: Int64.self))
    case .int32: Float(bytes.load(as: Int32.self))
    default: nil
    }
  }
}

/// IEEE 754 binary16 (Swift has no Float16 on every processor).
private func float(half bits: UInt16) -> Float {
  let exponent = Int(bits >> 10 & 0x1F)
  guard exponent < 0x1F else { return .nan }
  let significand = Float((exponent == 0 ? 0 : 1 << 10) + Int(bits & 0x3FF))
  let magnitude = Float(sign: .plus, exponent: max(exponent, 1) - 25, significand: significand)
  return bits & 0x8000 == 0 ? magnitude : -magnitude
}
