"""What inpaint:seele-reposition promises to who uses it in `gegl`."""
import os
import re
import shutil
import subprocess

import numpy as np
import pytest
from conftest import PACKS, ROOT, box_mask, photograph, read16
from PIL import Image
from test_adapters import LORA

BOX = (40, 30, 60, 48)  # of the subject: left, top, right, bottom
SIZE = (160, 120)
AROUND = 5 + 4 + 1  # the removal's grow and feather


def reposition(gegl, *properties, source="in.png", output="out.png", **options):
    return gegl(source, "-o", output, "--", "inpaint:seele-reposition", "steps=1", "seed=1", *properties, "aux=[", "gegl:load",
                "path=mask.png", "]", **options)


@pytest.fixture
def picture(gegl) -> np.ndarray:
    """in.png with a subject that its mask covers to the pixel"""
    image = photograph(*SIZE)
    image[BOX[1]:BOX[3], BOX[0]:BOX[2]] = np.random.default_rng(2).integers(180, 256, (BOX[3] - BOX[1], BOX[2] - BOX[0], 3))
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(box_mask(*SIZE, box=BOX)).save(gegl.folder / "mask.png")
    return image


def part(image: np.ndarray, box, by=(0, 0), margin: int = 0) -> np.ndarray:
    """The pixels of `box`, moved and grown"""
    left, top, right, bottom = box
    return image[max(top + by[1] - margin, 0):bottom + by[1] + margin, max(left + by[0] - margin, 0):right + by[0] + margin]


def check_moved(output: np.ndarray, image: np.ndarray, x: int, y: int):
    """The subject at its new place, another picture at its old one, the rest as it was."""
    assert (part(output, BOX, (x, y)) == part(image, BOX)).all()
    changed = (output != image).reshape(*image.shape[:2], -1).any(-1)
    assert part(changed, BOX).mean() > 0.9
    part(changed, BOX, margin=AROUND)[:] = False
    part(changed, BOX, (x, y))[:] = False
    assert not changed.any(), f"{changed.sum()} pixels elsewhere changed, the first at {np.argwhere(changed)[0]}"


@pytest.mark.parametrize("x, y", [(70, 40), (-25, 60), (38, -25), (0, 45)])
def test_the_subject_moves_and_nothing_else(gegl, picture, x, y):
    result = reposition(gegl, f"x={x}", f"y={y}")
    assert result.returncode == 0, result.stderr
    check_moved(read16(gegl.folder / "out.png"), picture, x, y)


def test_a_move_by_less_than_its_size_leaves_no_second_edge(gegl, picture):
    assert reposition(gegl, "x=6", "y=-4").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (part(output, BOX, (6, -4)) == part(picture, BOX)).all()
    assert (output[BOX[3] - 4:BOX[3], BOX[0]:BOX[2]] != picture[BOX[3] - 4:BOX[3], BOX[0]:BOX[2]]).any(-1).mean() > 0.9
    assert (output[BOX[1]:BOX[3], BOX[0]:BOX[0] + 6] != picture[BOX[1]:BOX[3], BOX[0]:BOX[0] + 6]).any(-1).mean() > 0.9


def test_behind_the_subject_is_what_the_removal_paints(gegl, picture):
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    assert gegl("in.png", "-o", "removed.png", "--", "inpaint:seele-remove", "steps=1", "seed=1", "aux=[", "gegl:load",
                "path=mask.png", "]").returncode == 0
    output, removed = read16(gegl.folder / "out.png"), read16(gegl.folder / "removed.png").copy()
    part(removed, BOX, (70, 40))[:] = part(picture, BOX)
    assert (output == removed).all()


@pytest.mark.parametrize("properties", [[], ["harmonize=true"], ["complete-mask=missing.png"]])
def test_what_does_not_move_stays_to_the_bit_and_needs_no_model(gegl, picture, properties):
    result = reposition(gegl, *properties, GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


@pytest.mark.parametrize("x, y", [(110, 0), (-50, -40), (0, 85)])
def test_a_subject_that_leaves_the_frame_is_clipped(gegl, picture, x, y):
    result = reposition(gegl, f"x={x}", f"y={y}")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    assert output.shape == picture.shape
    left, top = max(BOX[0] + x, 0), max(BOX[1] + y, 0)
    seen = output[top:max(BOX[3] + y, 0), left:max(BOX[2] + x, 0)]
    assert seen.size and (seen == picture[top - y:top - y + seen.shape[0], left - x:left - x + seen.shape[1]]).all()


def test_a_subject_beyond_the_frame_is_removed(gegl, picture):
    assert reposition(gegl, "x=5000").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert output.shape == picture.shape and (part(output, BOX) != part(picture, BOX)).any(-1).mean() > 0.9


@pytest.mark.parametrize("scale", [2, 0.5])
def test_the_subject_is_scaled_about_its_center(gegl, picture, scale):
    """A disc of one color on another."""
    y, x = np.mgrid[:SIZE[1], :SIZE[0]]
    center = np.array([70, 50])
    disc = np.hypot(x + 0.5 - center[0], y + 0.5 - center[1]) < 16
    image = np.where(disc[..., None], [250, 10, 10], [10, 10, 200]).astype(np.uint8)
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray((disc * 255).astype(np.uint8)).save(gegl.folder / "mask.png")
    result = reposition(gegl, f"scale={scale}", "x=20", "y=8")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png").astype(int)
    distance = np.hypot(x + 0.5 - center[0] - 20, y + 0.5 - center[1] - 8)
    inside, outside = distance < 16 * scale - 2, distance > 16 * scale + 2
    assert np.abs(output[inside] - [250, 10, 10]).max() <= 1
    kept = np.hypot(x + 0.5 - center[0], y + 0.5 - center[1]) > 16 + AROUND
    outside &= kept
    assert (output[outside] == [10, 10, 200]).all()
    red = (output[..., 0] > 128) & (distance < 16 * scale + np.where(kept, 4, 0.5))  # a fill may be red too
    middle = np.argwhere(red)[:, ::-1].mean(0) + 0.5
    assert np.abs(middle - center - [20, 8]).max() < 0.1, f"its middle lies at {middle}"


def test_a_soft_edge_blends(gegl, picture):
    mask = box_mask(*SIZE, box=BOX).astype(int)
    mask[BOX[1]:BOX[3], BOX[0] - 4:BOX[0]] = [51, 102, 153, 204]
    Image.fromarray(mask.astype(np.uint8)).save(gegl.folder / "mask.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    output = read16(gegl.folder / "out.png").astype(int)
    place = (slice(BOX[1] + 40, BOX[3] + 40), slice(BOX[0] - 4 + 70, BOX[0] + 70))
    share = np.array([0.2, 0.4, 0.6, 0.8])[:, None]
    expected = share * picture[BOX[1]:BOX[3], BOX[0] - 4:BOX[0]] + (1 - share) * picture[place]
    assert np.abs(output[place] - expected).max() <= 0.51


def test_a_picture_elsewhere_on_the_plane(gegl, picture):
    """The input and its mask begin at (-13, 7)."""
    shift = ["gegl:translate", "x=-13", "y=7"]
    result = gegl("in.png", "-o", "shifted.png", "--", *shift, "inpaint:seele-reposition", "steps=1", "seed=1", "x=70", "y=40", "aux=[",
                  "gegl:load", "path=mask.png", *shift, "]")
    assert result.returncode == 0, result.stderr
    check_moved(read16(gegl.folder / "shifted.png"), picture, 70, 40)


def test_an_input_without_bounds_is_left_as_it_is(gegl, picture):
    result = gegl("-o", "out.png", "--", "gegl:color", "value=red", "inpaint:seele-reposition", "x=70", "aux=[", "gegl:load",
                  "path=mask.png", "]", "gegl:crop", "width=20", "height=10", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no bounds" in result.stderr, result.stderr
    assert (read16(gegl.folder / "out.png")[..., :3] == [255, 0, 0]).all()


# ---- Formats ----

@pytest.mark.parametrize("format", ["R'G'B' u8", "R'G'B'A u8", "R'G'B' u16", "R'G'B'A u16", "RGB u16", "RGB float", "R'G'B' float",
                                    "R'G'B'A half", "Y' u8", "Y'A u16", "Y float", "CMYK u8"])
def test_every_format_stays_exact_and_itself(gegl, picture, format):
    """The operation's output minus a picture in which the subject was moved by copying, in the graph."""
    moved = photograph(*SIZE)
    part(moved, BOX, (70, 40))[:] = part(picture, BOX)
    Image.fromarray(moved).save(gegl.folder / "moved.png")
    convert = ["gegl:convert-format", f"format={format}"]
    result = gegl("moved.png", "-o", "difference.png", "--", *convert, "gegl:difference", "aux=[", "gegl:load", "path=in.png",
                  *convert, "inpaint:seele-reposition", "x=70", "y=40", "steps=1", "aux=[", "gegl:load", "path=mask.png", "]", "]")
    assert result.returncode == 0, result.stderr
    difference = read16(gegl.folder / "difference.png")
    difference = difference.reshape(SIZE[1], SIZE[0], -1)[..., :3].max(-1).copy()
    assert part(difference, BOX).max() > 0
    part(difference, BOX, margin=AROUND)[:] = 0
    assert not difference.any(), f"{(difference > 0).sum()} pixels, by up to {difference.max()}"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_the_file_keeps_its_kind(gegl, picture, mode):
    Image.open(gegl.folder / "in.png").convert(mode).save(gegl.folder / "in.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    kinds = [(gegl.folder / name).read_bytes()[25] for name in ["in.png", "out.png"]]  # PNG's colour type
    assert kinds[0] == kinds[1]


def test_a_subject_on_a_transparent_ground_takes_its_alpha_along(gegl, picture):
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[:, 90:] = 0
    Image.fromarray(np.dstack([picture, alpha])).save(gegl.folder / "in.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (part(output, BOX, (70, 40))[..., :3] == part(picture, BOX)).all()
    assert (part(output, BOX, (70, 40))[..., 3] == 255).all()
    part(alpha, BOX, (70, 40))[:] = 255
    assert (output[..., 3] == alpha).all()


# ---- Steps ----

def test_a_complete_mask_is_filled_after_the_move(gegl, picture):
    hidden = (112, 72, 122, 80)  # in the moved subject
    Image.fromarray(box_mask(*SIZE, box=hidden)).save(gegl.folder / "hidden.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    moved = read16(gegl.folder / "out.png")
    assert reposition(gegl, "x=70", "y=40", "complete-mask=hidden.png").returncode == 0
    changed = (read16(gegl.folder / "out.png") != moved).any(-1)
    assert part(changed, hidden).mean() > 0.9
    part(changed, hidden, margin=2 + 4 + 1)[:] = False
    assert not changed.any()


def test_harmonizing_changes_the_moved_subject_only(gegl, picture):
    if gegl("--exists", "inpaint:seele-harmonize").returncode != 0:
        pytest.skip("there is no inpaint:seele-harmonize")
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (gegl.folder / "pack/lora").mkdir()
    shutil.copy(LORA, gegl.folder / "pack/lora/harmonize.safetensors")
    properties = ["x=70", "y=40", "scale=1.5", "model=pack", "feather=0"]
    assert reposition(gegl, *properties).returncode == 0
    moved = read16(gegl.folder / "out.png")
    result = reposition(gegl, *properties, "harmonize=true")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != moved).any(-1)
    place = (105, 65.5, 135, 92.5)  # 1.5 times as large about the moved middle
    inside = tuple(round(side + step) for side, step in zip(place, (1, 1, -1, -1)))
    assert part(changed, inside).mean() > 0.9
    part(changed, inside, margin=2)[:] = False
    assert not changed.any(), f"{changed.sum()} pixels elsewhere, the first at {np.argwhere(changed)[0]}"


def fails(gegl, text: str, *properties, **options):
    result = reposition(gegl, "x=70", "y=40", *properties, **options)
    assert result.returncode == 1, (result.returncode, result.stderr)
    assert "inpaint:seele-" in result.stderr and text in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()
    return result


def test_a_complete_mask_that_is_missing_or_no_picture(gegl, picture):
    fails(gegl, "missing.png: No such file", "complete-mask=missing.png")
    (gegl.folder / "broken.png").write_bytes(b"PNG")
    fails(gegl, "broken.png: not a picture", "complete-mask=broken.png")
    os.mkfifo(gegl.folder / "pipe.png")
    fails(gegl, "pipe.png: not a picture", "complete-mask=pipe.png")
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(gegl.folder / "small.png")
    fails(gegl, "small.png is 30 x 20 pixels, the picture", "complete-mask=small.png")


def test_harmonizing_without_what_it_takes(gegl, picture):
    """Be that the operation or, where it is there, the model's LoRA; found before anything is removed."""
    result = fails(gegl, "inpaint:seele-harmonize", "harmonize=true")
    assert "seele-remove" not in result.stderr, result.stderr


def test_a_steps_failure_is_the_operations(gegl, picture):
    fails(gegl, "no such file", "model=missing.safetensors")
    fails(gegl, "no model found", GEGL_INPAINT_MODEL="")


def test_a_failure_in_the_tool(gegl, picture):
    command = [os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "seele-reposition", "in.png", "--mask", "mask.png", "-o", "out.png", "x=70"]
    result = subprocess.run([*command, "model=missing.safetensors"], cwd=gegl.folder, env=gegl.environment, capture_output=True,
                            text=True)
    assert result.returncode != 0 and "no such file" in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_nothing_to_move_is_said(gegl, picture):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:seele-reposition", "x=70", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no mask on aux" in result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()
    Image.fromarray(np.zeros(SIZE[::-1], np.uint8)).save(gegl.folder / "mask.png")
    result = reposition(gegl, "x=70", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "nothing to move" in result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


def read_bytes(gegl, *arguments) -> int:
    """How many bytes `gegl` reads from files in a run with these arguments."""
    result = subprocess.run(["sh", "-c", '"$@" || exit; cat /proc/$$/io', "sh", "gegl", *arguments], cwd=gegl.folder,
                            env=gegl.environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return int(re.search(r"rchar: (\d+)", result.stdout)[1])


def test_two_tasks_load_the_model_once(gegl, picture):
    """The shell's count of bytes has those of the programs that it waited for."""
    Image.fromarray(box_mask(*SIZE, box=(112, 72, 122, 80))).save(gegl.folder / "hidden.png")
    graph = ["in.png", "-o", "out.png", "--", "inpaint:seele-reposition", "steps=1", "y=40"]
    mask = ["aux=[", "gegl:load", "path=mask.png", "]"]
    weights = (PACKS / "tiny-sd15/unet/diffusion_pytorch_model.safetensors").stat().st_size
    none, one, two = (read_bytes(gegl, *graph, *more, *mask) for more in (["y=0"], ["x=70"], ["x=70", "complete-mask=hidden.png"]))
    assert one - none > weights, f"{one - none} bytes for one task, {weights} of weights"
    assert two - one < weights / 2, f"{two - one} bytes more for a second task, {weights} of weights"


def test_the_plain_graph_gives_the_same(gegl, picture):
    """examples/reposition.xml, with another picture and without its softening of the mask."""
    text = (ROOT / "examples/reposition.xml").read_text()
    text = re.sub(r"<node operation='gegl:gaussian-blur'>.*?</node>", "", text, flags=re.DOTALL)
    for old, new in [("images/dragonfly.jpg", "in.png"), ("images/dragonfly-subject.png", "mask.png"), (">-270<", ">70<"),
                     (">-40<", ">40<"), ("<param name='seed'>", "<param name='steps'>1</param><param name='seed'>")]:
        assert old in text
        text = text.replace(old, new)
    (gegl.folder / "graph.xml").write_text(text)
    result = gegl("graph.xml", "-o", "graph.png")
    assert result.returncode == 0, result.stderr
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    # The graph's picture has an alpha.
    assert (read16(gegl.folder / "graph.png")[..., :3] == read16(gegl.folder / "out.png")).all()
