import Testing

@testable import Checkpoints

/// What the original names may be made of by a hostile file.
@Suite struct LDMNamesTests {
  @Test(arguments: [
    "model.diffusion_model.", "model.diffusion_model....", "model.diffusion_model.input_blocks.-9223372036854775808.0.x.y",
    "model.diffusion_model.input_blocks.99999999999999999999.0.in_layers.0.weight",
    "first_stage_model.decoder.up.-9223372036854775808.block.0.conv1.weight", "first_stage_model.", "cond_stage_model.model.",
  ]) func hostileNamesHaveNoPlace(name: String) {
    #expect(LDMNames.targets(of: name) == nil)
  }
}
