# SPDX-License-Identifier: LGPL-3.0-or-later
"""What each property does, as far as pictures show it.

An effect is a generator: it yields settings, is given the pictures that they make, and asserts.  test_properties.py runs
those of all operations.
"""
import itertools

import numpy as np
from conftest import AUX, LAMA, LORA, box_mask, distance, photograph

WIDTH, HEIGHT, HOLE = 160, 120, (60, 40, 100, 80)
PICTURE, MASK = photograph(WIDTH, HEIGHT), box_mask(WIDTH, HEIGHT, HOLE)
GROWTH, MOVE = 24, (58, 38)  # how much the canvas grows on the left, and where the subject goes
LACK = box_mask(WIDTH, HEIGHT, (128, 90, 140, 100))  # in the subject at its new place
BASE = {"inpaint:outpaint": f"left={GROWTH}", "inpaint:seele-reposition": f"x={MOVE[0]} y={MOVE[1]}"}
EFFECTS = {}


def shows(*properties):
    """The effect below is these properties'."""
    def add(effect):
        EFFECTS.update(dict.fromkeys(properties, effect))
        return effect
    return add


class Operation:
    """One of the operations as the effects see it."""

    def __init__(self, name: str):
        self.name = name
        self.takes_text = name in ("inpaint:sd-inpaint", "inpaint:outpaint")
        self.grows = name == "inpaint:outpaint"
        self.moves = name == "inpaint:seele-reposition"
        self.adds = name == "inpaint:seele-harmonize"  # a change to what is there
        self.samples = name != "inpaint:lama-inpaint"
        grows = {"seele-remove": 5, "seele-complete": 2, "seele-reposition": 5, "lama-inpaint": 5}
        self.default_grow = grows.get(name.removeprefix("inpaint:"), 0)
        left = GROWTH if self.grows else 0
        self.before = np.pad(PICTURE, ((0, 0), (left, 0), (0, 0)))  # on the canvas that it gives
        self.hole = np.pad(MASK * 0, ((0, 0), (left, 0)), constant_values=1) > 0 if self.grows else MASK > 0
        # The model's own picture, laid over the hole to the pixel.
        self.plain = "crop=whole detail=model" + " decoder=plain" * self.samples + (
            " overlap=0" if self.grows else " grow=0 feather=0") + ("" if self.moves else " color-match=false")

    def chain(self, settings: str) -> list[str]:
        """Of the same property the last one counts."""
        base = "steps=1 seed=1 " * self.samples + BASE.get(self.name, "")
        pairs = dict(pair.split("=", 1) for pair in f"{base} {settings}".split())
        return [self.name, *(f"{name}={value}" for name, value in pairs.items()), *([] if self.grows else AUX)]

    def changed(self, picture: np.ndarray) -> np.ndarray:
        """Where the picture is another one; not where a subject was put."""
        changed = (picture != self.before).any(-1)
        if self.moves:
            changed[HOLE[1] + MOVE[1]:HOLE[3] + MOVE[1], HOLE[0] + MOVE[0]:HOLE[2] + MOVE[0]] = False
        return changed


def same(*pictures) -> bool:
    return all(np.array_equal(pictures[0], picture) for picture in pictures)


def differ(*pictures) -> bool:
    """Each from each other one."""
    return not any(same(a, b) for a, b in itertools.combinations(pictures, 2))


def box(mask: np.ndarray) -> tuple:
    assert mask.any()
    y, x = np.nonzero(mask)
    return x.min(), y.min(), x.max() + 1, y.max() + 1


# ---- What is painted ----

@shows("prompt")
def a_text_is_followed(of):
    none, grass, stone = yield ["guidance=1", "guidance=1 prompt=grass", "guidance=1 prompt=stone"]
    assert differ(none, grass, stone)


@shows("negative-prompt")
def a_text_is_avoided_where_there_is_guidance(of):
    none, stone, unguided, ignored = yield ["guidance=3 prompt=grass", "guidance=3 prompt=grass negative-prompt=stone",
                                            "guidance=1 prompt=grass", "guidance=1 prompt=grass negative-prompt=stone"]
    assert differ(none, stone) and same(unguided, ignored)


@shows("clip-skip")
def fewer_layers_read_the_text(of):
    none, one, empty, empty_one = yield ["prompt=grass", "prompt=grass clip-skip=1", "", "clip-skip=1"]
    assert differ(none, one) and differ(empty, empty_one)


@shows("prompt-file")
def a_file_takes_the_place_of_the_text(of):
    grass, stone, file = yield ["prompt=grass", "prompt=stone", "prompt=stone prompt-file=grass.txt"]
    assert same(file, grass) and differ(file, stone)


@shows("task-prompt")
def a_learned_prompt_is_followed(of):
    default, one, other, *with_text = yield [
        "", "task-prompt=one.safetensors", "task-prompt=other.safetensors",
        *["task-prompt=one.safetensors prompt=grass"] * of.takes_text]
    assert differ(default, one, other) and same(one, *with_text)


@shows("guidance")
def guidance_counts_and_has_a_default(of):
    text = "prompt=grass" if of.takes_text else ""
    scales = 1, 2, 4, 0, 7.5 if of.takes_text else 1
    one, two, four, default, usual = yield [f"{text} guidance={scale}" for scale in scales]
    assert differ(one, two, four) and same(default, usual)


@shows("prior-strength")
def the_prior_counts_by_its_strength(of):
    none, half, full, default = yield ["prior-strength=0", "prior-strength=0.5", "prior-strength=1", ""]
    assert differ(none, half, full) and same(full, default)


@shows("model", "lora", "lora-scale")
def the_models_weights_count(of):
    if not of.samples:
        default, named, other = yield ["", "model=erase", f"model={LAMA / 'small.safetensors'}"]
        assert same(default, named) and differ(named, other)
        return
    default, folder, index, other, one, scaled, none, double, back = yield [
        "", "model=pack", "model=pack/model_index.json", "model=other", f"lora={LORA}",
        *(f"lora={LORA} lora-scale={scale}" for scale in (1, 0, 2, -1))]
    assert same(default, folder, index, none) and same(one, scaled) and differ(default, other, one, double, back)


@shows("method")
def the_background_is_who_paints_it(of):
    auto, seele, lama, other_seed = yield ["method=auto", "method=seele", "method=lama", "method=lama seed=2"]
    assert same(auto, seele) and same(lama, other_seed) and differ(seele, lama)


@shows("precision")
def every_precision_is_near_float32(of):
    names = ["auto", "float32", "float16", "bfloat16", "int8"]
    auto, float32, *others, default = yield [f"precision={name}" for name in names] + [""]
    assert same(auto, default) and differ(float32, others[-1])
    for other in [auto, *others]:
        assert np.abs(float32.astype(float) - other)[of.hole].mean() < 4


@shows("decoder")
def each_decoder_paints_in_its_way(of):
    auto, plain, harmonizing = yield ["decoder=auto", "decoder=plain", "decoder=harmonizing"]
    assert differ(plain, harmonizing)
    assert same(auto, harmonizing if of.name == "inpaint:asuka-inpaint" or of.grows else plain)


@shows("autoencoder")
def the_tiny_autoencoder_paints_in_its_way(of):
    auto, full, tiny, harmonizing = yield [
        "autoencoder=auto", "autoencoder=full", "autoencoder=tiny", "autoencoder=tiny decoder=harmonizing"]
    assert same(auto, full) and differ(full, tiny) and differ(tiny, harmonizing)


@shows("detail")
def detail_is_the_models_or_the_surroundings(of):
    larger = " left=40" if of.grows else ""  # than the model's pictures
    auto, model, surroundings, refined = yield [f"detail={choice}{larger}" for choice in ("auto", "model", "surroundings", "refine")]
    assert same(auto, model)
    if of.adds:
        assert same(model, surroundings, refined)
    elif of.name == "inpaint:lama-inpaint":  # one pass, from no noise: there is no second one
        assert same(model, refined) and differ(model, surroundings)
    else:
        assert differ(model, surroundings, refined)


@shows("color-match")
def colours_are_matched_and_known_pixels_are_not_touched(of):
    """By itself where no text asks for others."""
    matches = of.grows or of.name in ("inpaint:sd-inpaint", "inpaint:asuka-inpaint", "inpaint:seele-remove")
    text = [f"{of.plain} prompt-file=grass.txt color-match={choice}" for choice in ("auto", "true", "false")]
    pictures = yield [f"{of.plain} color-match={choice}" for choice in ("auto", "true", "false")] + text * of.takes_text
    assert all((picture == of.before)[~of.hole].all() for picture in pictures)
    auto, yes, no = pictures[:3]
    assert differ(yes, no) and same(auto, yes if matches else no)
    if of.takes_text:
        auto, yes, no = pictures[3:]
        assert differ(yes, no) and same(auto, yes if of.grows else no)


# ---- Where, and from what ----

@shows("crop")
def the_model_looks_at_the_hole_or_at_all(of):
    auto, whole, default = yield ["crop=auto", "crop=whole", ""]
    assert differ(auto, whole) and same(auto, default)


@shows("context")
def around_the_hole_is_seen_as_a_share_of_its_longer_side(of):
    """Without preserve all that is seen is painted."""
    if of.moves:
        half, three, default = yield ["context=0.5", "context=3", ""]
        assert differ(half, three) and same(half, default)
        return
    settings = f"{of.plain} crop=auto preserve=false"
    half, whole, default = yield [f"{settings} context=0.5", f"{settings} context=1", settings]
    assert box(of.changed(half)) == (40, 20, 120, 100) and box(of.changed(whole)) == (20, 0, 140, 120)
    assert same(half, default)


@shows("working-size")
def the_size_that_is_seen(of):
    """0: what the model was trained on, or its own; of a whole picture its own."""
    sizes = [f"working-size={size}" for size in (0, 64 if of.samples else 100, 128)]
    auto, native, double, whole, own = yield [*sizes, "crop=whole", f"crop=whole working-size={of.before.shape[1]}"]
    assert differ(native, double) and same(auto, native) and same(whole, own)


@shows("preserve")
def around_the_hole_all_stays_or_is_the_models(of):
    kept, raw, default = yield [f"{of.plain} preserve={value}" for value in ("true", "false")] + [of.plain]
    assert same(kept, default) and same(kept[of.hole], raw[of.hole])
    assert not of.changed(kept)[~of.hole].any() and of.changed(raw)[~of.hole].mean() > 0.9


@shows("grow")
def the_hole_grows_by_a_disc(of):
    none, seven, default, usual = yield [of.plain, f"{of.plain} grow=7", "", f"grow={of.default_grow}"]
    for grow, picture in ((0, none), (7, seven)):
        changed, reached = of.changed(picture), distance(of.hole) <= grow
        assert changed[reached].mean() > 0.8 and not changed[~reached].any(), grow
    assert same(default, usual)


@shows("feather", "overlap")
def the_fill_is_blended_with_what_is_around(of):
    """Evenly less of it by each pixel from the hole; all of it comes without preserve."""
    width = "overlap" if of.grows else "feather"
    none, nine, default, usual, *raw = yield [
        of.plain, f"{of.plain} {width}=9", "", f"{width}={16 if of.grows else 4}",
        *[f"{of.plain} {width}=9 preserve=false"] * (not of.moves)]
    assert same(default, usual)
    away = distance(of.hole)
    assert not of.changed(none)[away > 0].any() and not of.changed(nine)[away >= 10].any()
    assert of.changed(nine)[(away > 0) & (away < 6)].mean() > 0.8
    weight = np.clip(1 - away / (9 + 1), 0, 1)[..., None]
    for picture in raw:
        expected = of.before + weight * (picture.astype(float) - of.before)
        told = (picture > 0) & (picture < 255)  # of a change that goes beyond, the rest is not in the picture
        assert np.abs(nine - expected)[told].max() <= 1


# ---- The canvas and the subject ----

@shows("left", "right", "top", "bottom")
def the_canvas_grows_on_that_side(of):
    sides = "left", "right", "top", "bottom"
    for side, picture in zip(sides, (yield [f"left=0 overlap=0 {side}=9" for side in sides])):
        upright = side in ("top", "bottom")
        assert picture.shape == (HEIGHT + 9 * upright, WIDTH + 9 * (not upright), 3), side
        y, x = 9 * (side == "top"), 9 * (side == "left")
        assert same(picture[y:y + HEIGHT, x:x + WIDTH], PICTURE), side


@shows("x", "y", "scale")
def the_subject_goes_there(of):
    subject = PICTURE[HOLE[1]:HOLE[3], HOLE[0]:HOLE[2]]
    right, down, usual, larger = yield ["x=45 y=0", "x=0 y=40", "x=45 y=0 scale=1", "x=45 y=0 scale=1.25"]
    assert same(right[40:80, 105:145], subject) and same(down[80:120, 60:100], subject) and same(right, usual)
    # An eighth of its size more on each side, where nothing has changed before.
    assert box((larger != right).any(-1)) == (100, 35, 150, 85)


@shows("harmonize", "complete-mask")
def what_follows_the_move_changes_the_moved_subject(of):
    moved, no, harmonized, completed = yield ["feather=0", *(f"feather=0 {setting}" for setting in (
        "harmonize=false", "harmonize=true", "complete-mask=completed.png"))]
    assert same(moved, no)
    subject = np.roll(MASK, MOVE[::-1], (0, 1)) > 0
    for picture, place in ((harmonized, subject), (completed, distance(LACK > 0) <= 2)):
        changed = (picture != moved).any(-1)
        assert changed[place].mean() > 0.8 and not changed[~place].any()
