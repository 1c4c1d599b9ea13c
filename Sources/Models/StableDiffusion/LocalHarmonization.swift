import Numerics

extension StableDiffusionInpainter {
  /// What makes the masked subject fit its surroundings, as a change of the picture (local harmonization: Wang et al.
  /// 2024, SEELE, section 3.2).
  ///
  /// Here the network has a LoRA, and the context is a prompt, with which it was trained.  It sees the noised latents x
  /// of a picture whose subject does not fit, the mask, and x unmasked, and names the noise plus x - x*, where x* are the
  /// latents of the picture as it should be.  Sampling from an ideal one would give x back; but the noise is known here,
  /// so x* is x less the mean of what is named beside it, over levels of noise that rise evenly to `strength`, each
  /// counted by `PredictionType.trust`.  The sampler and its jumps play no part.
  ///
  /// x* and x are both decoded, and only their difference counts: what the autoencoder loses stays in the picture.
  ///
  /// image, mask, decoder: as for `fill`.  Gives what is to be added to the image, [1, H, W, 3], everywhere; nothing
  /// with a strength of 0.  Throws `Cancelled`, or `CheckpointError` where the pack's schedule cannot be used.
  public func harmonize(
    _ image: Tensor, mask: Tensor, _ conditioning: Conditioning, _ settings: SamplingSettings,
    decoder: ((_ latents: Tensor) throws -> Tensor)? = nil, progress: (Progress) -> Void
  ) throws -> Tensor {
    let workspace = image.workspace
    let decode = decoder ?? autoencoder.decode
    let schedule = try NoiseSchedule(scheduler, terminal: 0)
    let prediction = try scheduler.predictionType()
    let timesteps = Self.evenTimesteps(settings.steps, strength: settings.strength, of: schedule.trainSteps)
    var account = WorkAccount(calls: timesteps.count * conditioning.contexts.count, encodings: 1, decodings: 2)
    func report(_ stage: String) { progress(Progress(fraction: account.fraction, stage: stage)) }

    report("Encoding the picture")
    guard !timesteps.isEmpty else { return Tensor(image.shape, repeating: 0, in: workspace) }
    let source = try autoencoder.encode(image)  // [1, h, w, 4]
    account.done(encodings: 1)
    let known = concatenate(cells(mask), source)  // [1, h, w, mask | latents]
    let prepared = prepared(conditioning)
    workspace.trim()  // the steps' blocks have other sizes

    var generator = TorchGenerator(seed: settings.seed)
    let noises = generator.latents(
      count: timesteps.count, height: source.dim(1), width: source.dim(2), channels: source.dim(3), in: workspace)
    let change = Tensor(source.shape, repeating: 0, in: workspace)
    let alphas = timesteps.map { Double(schedule.alphasCumprod[$0]) }
    let allTrust = alphas.reduce(0) { $0 + prediction.trust(alpha: $1) }
    for (step, timestep) in timesteps.enumerated() {
      report("Step \(step + 1) of \(timesteps.count)")
      let noise = noises[image: step]
      let noisy = schedule.noised(source, with: noise, at: timestep)
      let output = try guided(concatenate(noisy, known), timestep: Float(timestep), prepared, conditioning)
      let named = prediction.originalAndEpsilon(output, noisy, alpha: alphas[step]).epsilon
      let share = prediction.trust(alpha: alphas[step]) / allTrust
      change.addInPlace(combine((share, named), (-share, noise)))
      account.done(calls: conditioning.contexts.count)
    }

    report("Decoding the picture")
    workspace.trim()
    let before = try decode(source)
    account.done(decodings: 1)
    report("Decoding the picture")
    let after = try decode(combine((1, source), (-1, change)))
    return combine((1, after), (-1, before))
  }

  /// The last of each of `steps` equal parts of the first strength x trainSteps training steps, rounded (half to even)
  /// in float32 as by PyTorch; none with a strength of 0.
  static func evenTimesteps(_ steps: Int, strength: Double, of trainSteps: Int) -> [Int] {
    guard strength > 0 else { return [] }
    return (1...steps).map { number in
      let end = Float(number) * Float(strength) * Float(trainSteps) / Float(steps)
      return min(max(Int(end.rounded(.toNearestOrEven)), 1), trainSteps) - 1
    }
  }
}

extension PredictionType {
  /// How much the noise that an output names counts, 0 to 1.  Of clean latents, whose error is `sqrt(alpha / (1 - alpha))`
  /// as large in the noise, the inverse of that squared, at most 1; without that the harmonized picture is grainy.
  fileprivate func trust(alpha: Double) -> Double {
    switch self {
    case .epsilon, .velocity: 1
    case .sample: min((1 - alpha) / alpha, 1)
    }
  }
}
