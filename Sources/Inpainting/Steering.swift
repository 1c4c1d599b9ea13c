import Checkpoints
import StableDiffusion
import Tensors

/// What steers an operation's run, and which parts of a pack that takes.
struct Steering {
  let request: Request
  /// Classifier-free guidance, resolved; 1 or less: none.
  let guidance: Double

  /// Equal prompts have nothing to be told apart.
  private var isGuided: Bool { guidance > 1 && request.prompt != request.negativePrompt }

  /// The parts that a run reads, in the order in which it needs them.
  var parts: [ModelPart] {
    switch request.operation {
    case .sdInpaint, .outpaint: [.textEncoder, .unet, .autoencoder]
    }
  }

  /// The contexts of a run with a model whose `parts` are loaded.
  func conditioning(_ model: LoadedModel, in workspace: Workspace) throws -> Conditioning {
    switch request.operation {
    case .sdInpaint, .outpaint:
      let encode = try model.promptEncoder()
      return Conditioning(
        try encode(request.prompt, in: workspace),
        guidance: isGuided ? (try encode(request.negativePrompt, in: workspace), guidance) : nil)
    }
  }
}
