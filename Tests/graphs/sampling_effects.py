# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the properties do that say how the steps are taken: effects.py."""
from effects import EFFECTS, differ, same, shows  # noqa: F401


@shows("steps")
def every_step_counts(of):
    default, one, two, twenty = yield ["steps=0", "steps=1", "steps=2", "steps=20"]
    assert differ(one, two, twenty) and same(default, twenty)


@shows("sampler")
def each_sampler_gives_a_picture_of_its_own(of):
    """Whose it is: test_parity.py."""
    samplers = ["ddim", "pndm", "dpmpp-2m", "unipc", "euler", "repaint", "lcm", "tcd", "euler-a", "heun", "dpmpp-2m-karras",
                "dpmpp-2m-sde", "deis"]
    *pictures, auto, default = yield [f"sampler={sampler} steps=4" for sampler in (*samplers, "auto")] + ["steps=4"]
    assert same(auto, default, pictures[samplers.index("dpmpp-2m")])
    assert same(*pictures) if of.adds else differ(*pictures)


@shows("jump-length", "jump-samples")
def repaint_goes_back(of):
    """Others do not, and it does not by as many steps as there are."""
    never, too_far, once, thrice, further, *ddim = yield [
        f"steps=4 sampler=repaint jump-length={length} jump-samples={samples}"
        for length, samples in ((1, 1), (4, 2), (1, 2), (1, 3), (2, 2))
    ] + ["steps=4 sampler=ddim", "steps=4 sampler=ddim jump-length=1 jump-samples=2"]
    assert same(*ddim) and same(never, too_far)
    assert same(never, once, thrice, further) if of.adds else differ(never, once, thrice, further)


@shows("eta")
def noise_on_the_way_is_some_samplers(of):
    """Below 0 each has its own."""
    samplers = {"ddim": 0, "tcd": 0.3, "repaint": 0}
    pictures = yield [f"steps=4 sampler={sampler} eta={eta}" for sampler, own in samplers.items()
                      for eta in (-1, -0.5, own, 1)] + [f"steps=4 sampler=euler eta={eta}" for eta in (-1, 1)]
    assert same(*pictures[-2:])
    for own, below, usual, all_of_it in zip(*[iter(pictures[:-2])] * 4):
        assert same(own, below, usual) and (same if of.adds else differ)(own, all_of_it)


@shows("spacing")
def the_steps_are_spaced(of):
    """As the pack has it unless told otherwise; not those of distilled models."""
    auto, leading, trailing, linspace, *lcm = yield [
        f"steps=4 sampler=ddim spacing={spacing}" for spacing in ("auto", "leading", "trailing", "linspace")
    ] + [f"steps=4 sampler=lcm spacing={spacing}" for spacing in ("leading", "trailing")]
    assert same(auto, leading) and same(*lcm)
    assert same(leading, trailing, linspace) if of.adds else differ(leading, trailing, linspace)


@shows("strength")
def how_far_the_hole_moves_away(of):
    """From what is there, which is all that counts at 0."""
    whole, half, none, other_seed, usual, default = yield [
        *(f"steps=5 strength={strength}" for strength in (1, 0.5, 0, "0 seed=2", 0.6 if of.adds else 1)), "steps=5"]
    assert differ(whole, half, none) and same(none, other_seed) and same(usual, default)
    assert not of.adds or same(none, of.before)


@shows("mask-strength")
def what_is_white_is_repainted_in_all_steps(of):
    """And what is black in none, by models that would paint over it.  Of grey: test_masks.py."""
    binary, soft, default = yield [*(f"{of.plain} steps=4 mask-strength={value}" for value in ("binary", "soft")),
                                   f"{of.plain} steps=4"]
    assert same(binary, default) and differ(binary, soft)
    assert of.changed(soft)[of.hole].mean() > 0.9 and not of.changed(soft)[~of.hole].any()


@shows("guidance-from", "guidance-to")
def guidance_is_for_a_part_of_the_steps(of):
    """Of four: the first two, the last two, none of them once it ends before the second."""
    prompt = "prompt=grass" if of.takes_text else ""
    guided, unguided, first, last, all_of_them, one, never = yield [f"{prompt} steps=4 {settings}" for settings in (
        "guidance=3", "guidance=1", *(f"guidance=3 {part}" for part in (
            "guidance-to=0.5", "guidance-from=0.5", "guidance-from=0 guidance-to=1", "guidance-to=0.01",
            "guidance-from=0.8 guidance-to=0.9")))]
    assert same(guided, all_of_them) and same(unguided, never) and differ(guided, unguided, first, last, one)


@shows("cache-interval")
def coarse_shapes_are_kept_for_some_steps(of):
    every, second, third, default, alone, first_alone = yield [
        *(f"steps=4 cache-interval={interval}" for interval in (1, 2, 3)), "steps=4", "steps=1 cache-interval=3", "steps=1"]
    assert same(every, default) and same(alone, first_alone) and differ(every, second, third)


@shows("seed")
def the_noise_is_the_seeds(of):
    assert differ(*(yield ["seed=1", "seed=2", "seed=4294967295"]))
