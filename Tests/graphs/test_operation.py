"""What inpaint:sd-inpaint promises to who uses it in `gegl`."""
import itertools
import os
import re
import struct
import subprocess

import numpy as np
import pytest
from conftest import PACKS, ROOT, box_mask, photograph, read16
from PIL import Image

FEATHER = 4


def surely_outside(mask: np.ndarray) -> np.ndarray:
    """Pixels beyond the ramp around the mask."""
    hole = np.argwhere(mask > 0)
    pixels = np.indices(mask.shape).reshape(2, -1).T
    nearest = np.square(pixels[:, None] - hole[None]).sum(-1).min(1).reshape(mask.shape)
    return nearest >= (FEATHER + 1) ** 2


OPERATIONS = (ROOT / "plugin-manifest/operations.txt").read_text().split("\n")[1:-1]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_of_the_manifest_is_there(gegl, name):
    assert gegl("--exists", name).returncode == 0


def test_fills_the_mask_and_keeps_the_rest(gegl, pictures):
    image, mask = pictures
    result = gegl.fill()
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    outside = surely_outside(mask)
    assert (output[outside] == image[outside]).all()
    assert (output[mask > 0] != image[mask > 0]).mean() > 0.9


def test_the_same_seed_gives_the_same_picture(gegl, pictures):
    gegl.fill(output="a.png"), gegl.fill(output="b.png"), gegl.fill("in.png", "negative-prompt=x", "prompt=grass", output="c.png")
    a, b, c = (read16(gegl.folder / name) for name in ("a.png", "b.png", "c.png"))
    assert (a == b).all() and (a != c).any()


def test_an_xml_graph_with_the_mask_inside(gegl, pictures):
    (gegl.folder / "graph.xml").write_text("""<?xml version='1.0' encoding='UTF-8'?>
        <gegl>
          <node operation='inpaint:sd-inpaint'>
            <params><param name='steps'>2</param><param name='seed'>1</param></params>
            <node operation='gegl:load'><params><param name='path'>mask.png</param></params></node>
          </node>
          <node operation='gegl:load'><params><param name='path'>in.png</param></params></node>
        </gegl>""")
    result = gegl("graph.xml", "-o", "xml.png")
    gegl.fill()
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "xml.png") == read16(gegl.folder / "out.png")).all()


def test_operations_can_be_chained(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png", "]",
                  "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", OPERATIONS)
def test_files_are_the_last_properties(gegl, name):
    """libgimp 3.0 knows no file properties, and drops the first and all that follow it."""
    names = re.findall(r"^([a-z-]+) +\[", gegl("--properties", name).stdout, re.MULTILINE)
    files = {"model", "lora", "task-prompt", "prompt-file", "complete-mask"} & set(names)
    assert len(names) > 20 and set(names[-len(files):]) == files, names


@pytest.mark.parametrize("sampler", ["ddim", "pndm", "dpmpp-2m", "unipc", "euler"])
def test_every_sampler(gegl, pictures, sampler):
    assert gegl.fill("in.png", f"sampler={sampler}", steps=5).returncode == 0


@pytest.mark.parametrize("model", ["tiny-sd15", "tiny-sd2", "tiny-sd15/model_index.json"])
def test_every_form_of_model(gegl, pictures, model):
    assert gegl.fill("in.png", f"model={PACKS / model}").returncode == 0


@pytest.mark.parametrize("properties", [["crop=whole"], ["working-size=64"], ["preserve=false"], ["color-match=true"], ["grow=5"],
                                        ["feather=0"], ["strength=0.5"], ["strength=0"], ["guidance=1"], ["precision=float32"]])
def test_every_property(gegl, pictures, properties):
    result = gegl.fill("in.png", *properties)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("operation, properties, matches", [
    ("sd-inpaint", [], True), ("sd-inpaint", ["prompt=grass"], False), ("sd-inpaint", ["prompt-file=prompt.txt"], False),
    ("sd-inpaint", ["prompt= "], True), ("seele-remove", [], True), ("seele-complete", [], False)])
def test_colours_are_matched_where_no_prompt_asks_for_others(gegl, pictures, operation, properties, matches):
    (gegl.folder / "prompt.txt").write_text("grass")
    results = {}
    for choice in ("auto", "true", "false"):
        chain = [f"inpaint:{operation}", "steps=1", "seed=1", f"color-match={choice}", *properties]
        result = gegl("in.png", "-o", f"{choice}.png", "--", *chain, "aux=[", "gegl:load", "path=mask.png", "]")
        assert result.returncode == 0, result.stderr
        results[choice] = read16(gegl.folder / f"{choice}.png")
    assert (results["true"] != results["false"]).any()
    assert (results["auto"] == results["true" if matches else "false"]).all()


# ---- Masks ----

def test_an_empty_mask_needs_no_model_and_changes_nothing(gegl, pictures):
    Image.fromarray(np.zeros((80, 96), np.uint8)).save(gegl.folder / "mask.png")
    result = gegl.fill(GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_a_full_mask_works(gegl, pictures):
    Image.fromarray(np.full((80, 96), 255, np.uint8)).save(gegl.folder / "mask.png")
    assert gegl.fill().returncode == 0
    assert (read16(gegl.folder / "out.png") != pictures[0]).mean() > 0.9


@pytest.mark.parametrize("size", [(40, 30), (300, 200), (96, 79)])
def test_a_mask_of_another_size_is_refused_with_both_sizes(gegl, pictures, size):
    Image.fromarray(np.full((size[1], size[0]), 255, np.uint8)).save(gegl.folder / "mask.png")
    fails(gegl, f"the mask is {size[0]} x {size[1]} pixels, the picture 96 x 80")


@pytest.mark.parametrize("on_the_way", [["gegl:invert"], ["gegl:threshold"], ["gegl:nop"], ["gegl:gaussian-blur", "std-dev-x=2"]])
def test_what_only_changes_a_masks_values_does_not_place_it(gegl, pictures, on_the_way):
    Image.fromarray(np.full((40, 48), 255, np.uint8)).save(gegl.folder / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png",
                  *on_the_way, "]")
    assert result.returncode == 1 and "the mask is " in result.stderr, result.stderr


def test_a_mask_whose_file_is_no_picture_is_an_error(gegl, pictures):
    (gegl.folder / "mask.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    fails(gegl, "mask")


def test_a_mask_of_the_whole_fits_a_part_that_was_cut_out(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "gegl:crop", "x=20", "y=10", "width=60", "height=60", "inpaint:sd-inpaint",
                  "steps=1", "aux=[", "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != pictures[0][10:70, 20:80]).any(-1)
    assert changed[pictures[1][10:70, 20:80] > 0].mean() > 0.9


def test_a_mask_of_a_grown_picture_has_to_be_placed(gegl, pictures):
    Image.fromarray(np.full((80, 116), 255, np.uint8)).save(gegl.folder / "mask.png")
    chain = ["inpaint:outpaint", "steps=1", "left=20", "gegl:nop", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png"]
    result = gegl("in.png", "-o", "out.png", "--", *chain, "]")
    assert result.returncode == 1 and "place the mask with gegl:translate x=-20 y=0" in result.stderr, result.stderr
    result = gegl("in.png", "-o", "out.png", "--", *chain, "gegl:translate", "x=-20", "y=0", "]")
    assert result.returncode == 0, result.stderr


def test_a_smaller_mask_counts_where_operations_have_placed_it(gegl, pictures):
    Image.fromarray(np.full((10, 15), 255, np.uint8)).save(gegl.folder / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=40", "y=30", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != pictures[0]).any(-1)
    assert changed[30:40, 40:55].mean() > 0.9 and not changed[:, :30].any()


def test_a_mask_fits_the_picture_that_was_grown_since(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:outpaint", "steps=1", "right=20", "gegl:nop", "inpaint:sd-inpaint", "steps=1", "aux=[",
                  "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png")[:, :60] != pictures[0][:, :60]).any(-1)
    assert changed[pictures[1][:, :60] > 0].mean() > 0.9 and not changed[:10].any()


def test_a_pad_without_a_picture_is_no_mask(gegl, pictures):
    """GIMP's dialogs connect a gegl:buffer-source to aux before they have a buffer for it."""
    Image.fromarray(np.dstack([pictures[0], 255 - box_mask()])).save(gegl.folder / "in.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=2", "seed=1", "aux=[", "gegl:buffer-source", "]")
    assert result.returncode == 0, result.stderr
    gegl.fill(mask=None, output="alone.png")
    assert (read16(gegl.folder / "out.png") == read16(gegl.folder / "alone.png")).all()
    assert (read16(gegl.folder / "out.png")[..., 3] == 255).all()


@pytest.mark.parametrize("values, text", [
    (np.zeros((80, 96), np.uint8), '96 x 80 pixels in "Y\' u8" the brightest one is 0.000'),
    (box_mask() // 255, '96 x 80 pixels in "Y\' u8" the brightest one is 0.004; in a file of 8 bits white is 255, not 1'),
    (np.dstack([box_mask() // 3] * 3), '96 x 80 pixels in "R\'G\'B\' u8" the brightest one is 0.333')])
def test_an_empty_mask_is_told_with_what_it_holds(gegl, pictures, values, text):
    Image.fromarray(values).save(gegl.folder / "mask.png")
    assert text in gegl.fill().stderr


def test_a_mask_beside_the_picture_changes_nothing(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=5000", "]")
    assert result.returncode == 0 and (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_transparency_is_the_mask_without_one_and_is_filled(gegl, pictures):
    alpha = 255 - box_mask()
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    assert gegl.fill(mask=None).returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (output[..., 3] == 255).all()
    outside = surely_outside(box_mask())
    assert (output[outside][:, :3] == pictures[0][outside]).all()


def test_alpha_is_kept_with_a_mask(gegl, pictures):
    alpha = np.broadcast_to(np.arange(96, dtype=np.uint8) + 100, (80, 96))
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    assert gegl.fill().returncode == 0
    assert (read16(gegl.folder / "out.png")[..., 3] == alpha).all()


def test_neither_mask_nor_alpha_passes_through_with_a_message(gegl, pictures):
    result = gegl.fill(mask=None)
    assert result.returncode == 0 and "neither a mask" in result.stderr
    assert (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_a_mask_beside_the_picture_is_an_empty_one(gegl, pictures):
    """GEGL gives the operation no buffer then, as without a mask; the transparent part must not be filled."""
    picture = np.dstack([pictures[0], np.zeros(pictures[1].shape, np.uint8)])
    Image.fromarray(picture).save(gegl.folder / "in.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=-300", "]", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no pixel of the mask" in result.stderr, result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


def test_an_opaque_alpha_passes_through_with_a_message(gegl, pictures):
    Image.fromarray(np.dstack([pictures[0], np.full(pictures[1].shape, 255, np.uint8)])).save(gegl.folder / "in.png")
    result = gegl.fill(mask=None)
    assert result.returncode == 0 and "nothing to fill" in result.stderr


# ---- Formats ----

@pytest.mark.parametrize("format", ["R'G'B' u8", "R'G'B'A u8", "R'G'B' u16", "RGB u16", "RGB float", "R'G'B'A half", "RaGaBaA float",
                                    "Y' u8", "Y'A u16", "Y float", "CMYK u8"])
def test_every_format_stays_exact_outside_the_mask(gegl, pictures, format):
    """The operation's output minus its input, in the graph, is 0 outside the mask."""
    result = gegl("in.png", "-o", "difference.png", "--", "gegl:convert-format", f"format={format}", "gegl:difference", "aux=[",
                  "gegl:load", "path=in.png", "gegl:convert-format", f"format={format}", "inpaint:sd-inpaint", "steps=1", "aux=[",
                  "gegl:load", "path=mask.png", "]", "]")
    assert result.returncode == 0, result.stderr
    difference = read16(gegl.folder / "difference.png")
    difference = difference.reshape(80, 96, -1)[..., :3].max(-1)
    assert (difference[surely_outside(pictures[1])] == 0).all()
    assert difference[pictures[1] > 0].max() > 0


@pytest.mark.parametrize("space", ["Adobish", "ProPhoto", "Rec2020"])
def test_an_icc_profile_stays_and_the_fill_is_converted_to_it(gegl, pictures, space):
    """The same picture in another colour space, profile attached, gets the same fill as far as the eye can tell."""
    assert gegl("in.png", "-o", "icc.png", "--", "gegl:convert-space", f"space-name={space}").returncode == 0
    result = gegl.fill("icc.png", output="filled.png")
    assert result.returncode == 0, result.stderr
    before, after = Image.open(gegl.folder / "icc.png"), Image.open(gegl.folder / "filled.png")
    assert before.info["icc_profile"] == after.info["icc_profile"]
    outside = surely_outside(pictures[1])
    assert (np.asarray(before)[outside] == np.asarray(after)[outside]).all()
    assert gegl("filled.png", "-o", "back.png", "--", "gegl:convert-space", "space-name=sRGB").returncode == 0
    gegl.fill()
    inside = pictures[1] > 0
    difference = np.abs(read16(gegl.folder / "back.png")[..., :3].astype(int) - read16(gegl.folder / "out.png"))[inside]
    assert difference.mean() < 3, f"mean difference {difference.mean()} of 255"


@pytest.mark.parametrize("size", [(1, 1), (3, 8191), (8191, 3), (7, 5)])
def test_every_size(gegl, size):
    image = photograph(*size)
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(box_mask(*size, box=(0, 0, (size[0] + 1) // 2, (size[1] + 1) // 2))).save(gegl.folder / "mask.png")
    result = gegl.fill("in.png", "working-size=64")
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "out.png").shape == image.shape


def test_infinite_values_outside_the_mask_do_not_reach_the_fill(gegl, pictures):
    """Infinity and what comes of it count as white or black for the model."""
    result = gegl("in.png", "-o", "out.png", "--", "gegl:convert-format", "format=RGB float", "gegl:exposure", "exposure=10",
                  *["gegl:exposure", "exposure=10"] * 14, "inpaint:sd-inpaint", "steps=1", "seed=1", "aux=[", "gegl:load",
                  "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    inside = read16(gegl.folder / "out.png")[25:45, 35:55]
    assert len(np.unique(inside)) > 20


# ---- Errors: a clear text, no output file, an exit status ----

def fails(gegl, text: str, *properties, **options):
    result = gegl.fill("in.png", *properties, **options)
    assert result.returncode == 1, (result.returncode, result.stderr)
    assert "inpaint:sd-inpaint: " in result.stderr and text in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_no_model(gegl, pictures):
    fails(gegl, "no model found", GEGL_INPAINT_MODEL="")


def test_a_model_that_is_not_there(gegl, pictures):
    fails(gegl, "no such file", "model=missing.safetensors")


def test_a_folder_without_a_model(gegl, pictures):
    fails(gegl, "expected a folder with model_index.json", f"model={gegl.folder}")


def test_a_part_that_is_missing_is_named(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd15", pack], check=True)
    (pack / "unet/diffusion_pytorch_model.safetensors").unlink()
    fails(gegl, "expected unet/diffusion_pytorch_model.safetensors", f"model={pack}")


def test_truncated_weights(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd15", pack], check=True)
    weights = pack / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    fails(gegl, "download it again", f"model={pack}")


def test_weights_that_are_no_numbers(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd2", pack], check=True)
    weights = pack / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + struct.pack("<f", float("nan")))
    fails(gegl, "not finite", f"model={pack}")


def test_a_file_that_is_no_torch_file_is_refused_with_the_remedy(gegl, pictures):
    (gegl.folder / "model.ckpt").write_bytes(b"PK")
    fails(gegl, "convert the checkpoint to .safetensors", "model=model.ckpt")


def test_repaint_takes_its_jumps(gegl, pictures):
    results = {}
    for jumps in ([], ["jump-length=4"], ["jump-length=1", "jump-samples=2"]):
        assert gegl.fill("in.png", "sampler=repaint", *jumps, steps=3).returncode == 0
        results[" ".join(jumps)] = read16(gegl.folder / "out.png")
    assert (results[""] == results["jump-length=4"]).all()  # both as long as the run: no jumps
    assert (results[""] != results["jump-length=1 jump-samples=2"]).any()


def test_too_little_memory_is_said_before_loading(gegl, pictures):
    fails(gegl, "MB of memory", "crop=whole", "working-size=4096", limit_kb=3_000_000)


def test_a_run_under_any_limit_ends_in_a_picture_or_an_error(gegl, pictures):
    """From one under which GEGL just starts to one that is enough."""
    refusals = []
    for limit in itertools.count(700_000, 20_000 * os.cpu_count()):
        result = gegl.fill(limit_kb=limit)
        if result.returncode == 0:
            break
        assert result.returncode == 1 and "inpaint:sd-inpaint: " in result.stderr, (limit, result)
        assert not (gegl.folder / "out.png").exists()
        refusals.append(result.stderr)
    assert all("MB of memory" in text for text in refusals) and refusals


def test_a_run_that_saves_memory_gives_the_same_picture_and_can_be_followed_by_another(gegl, pictures):
    chain = ["inpaint:sd-inpaint", "steps=1", "seed=1", "prompt=grass", "guidance=3", "aux=[", "gegl:load", "path=mask.png", "]"]
    for name, memory in (("usual.png", ""), ("small.png", "small")):
        result = gegl("in.png", "-o", name, "--", *chain, *chain, GEGL_INPAINT_MEMORY=memory)
        assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "usual.png") == read16(gegl.folder / "small.png")).all()
    fails(gegl, 'GEGL_INPAINT_MEMORY is "tiny"', GEGL_INPAINT_MEMORY="tiny")


def test_a_prompt_file_that_is_missing(gegl, pictures):
    fails(gegl, "No such file", "prompt-file=missing.txt")


@pytest.mark.parametrize("prompt", ["日本語 العربية हिन्दी 🙂", "a < b & c > d", "[x]", "word " * 10000, "\x01\x7f"])
def test_any_prompt(gegl, pictures, prompt):
    (gegl.folder / "prompt.txt").write_text(prompt)
    result = gegl.fill("in.png", "prompt-file=prompt.txt")
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(gegl, pictures):
    assert gegl.fill(output="/out.png").returncode != 0
