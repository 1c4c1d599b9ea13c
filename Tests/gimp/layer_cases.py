# SPDX-License-Identifier: LGPL-3.0-or-later
"""States of images and layers in which a user may call: each works, or says why and leaves everything as it was."""
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms
from pixels import check_changed_inside_only, inside, photograph
from process import PACKS, Failed, wait_until

BOX = (30, 20, 24, 28)  # x, y, width, height in the image


def refuses(made, text, drawable=None, **options):
    with pytest.raises(Failed, match=text):
        made.fill(drawable=drawable, **options)


def test_a_floating_selection_is_refused(picture):
    made = picture(photograph())
    made.select(*BOX)
    floating = made.float_selection()
    for drawable in [floating, made.layer]:
        refuses(made, "Layer > Anchor Layer", drawable)
    made.gimp(f"(gimp-floating-sel-anchor {floating})")
    assert (made.pixels()[..., :3] == photograph()).all()


@pytest.mark.parametrize("new_layer", [False, True])
def test_a_group_is_refused_and_a_layer_in_it_works(picture, new_layer):
    made = picture(photograph())
    group = made.put_in_group()
    made.select(*BOX)
    refuses(made, "layer group", group)
    made.fill(new_layer)
    check_changed_inside_only(photograph(), made.pixels()[..., :3], inside((80, 96), BOX))
    assert made.layers() == [group] and made.children(group)[new_layer:] == [made.layer]


def test_a_text_layer_keeps_its_shape(kinds, tmp_path):
    kind_of_gimp, kind_of_picture = kinds
    (tmp_path / "made").mkdir()
    gimp = kind_of_gimp(tmp_path / "made", "-i", with_fonts=True)
    try:
        made = kind_of_picture(gimp, tmp_path, photograph())
        text = made.add_text()
        made.select(5, 5, 30, 30)
        before = made.pixels(text)
        assert before[..., 3].any(), "no font"
        for new_layer in [True, False]:
            made.fill(new_layer, drawable=text)
            after = made.pixels(text)
            # Painted, it is pixels to GIMP, which asks before the text is edited again.
            assert made.is_text(text) == new_layer
            assert (after[..., 3] == before[..., 3]).all(), "the text's shape has changed"
            assert (after == before).all() == new_layer
    finally:
        gimp.close()


def test_channels_and_the_selection_itself_are_refused(picture):
    made = picture(photograph())
    made.select(*BOX)
    channel = made.gimp.number(f"(gimp-selection-save {made.image})")
    for drawable in [channel, made.gimp.number(f"(gimp-image-get-selection {made.image})")]:
        refuses(made, "not on its mask or a channel", drawable)


def test_a_locked_alpha_channel(picture):
    mask = inside((80, 96), BOX)
    values = np.dstack([photograph(), np.where(mask, 0, 255).astype(np.uint8)])
    made = picture(values)
    made.lock("layer-set-lock-alpha")
    refuses(made, "alpha channel is locked")
    assert (made.pixels(made.layer)[..., 3] == values[..., 3]).all()
    made.fill(new_layer=True)
    made.select(0, 0, 20, 20)  # where no transparency changes
    made.fill()
    after = made.pixels(made.layer)
    assert (after[..., 3] == values[..., 3]).all()
    check_changed_inside_only(values[..., :3][~mask][None], after[..., :3][~mask][None], inside((80, 96), (0, 0, 20, 20))[~mask][None])


def test_locked_pixels_take_a_new_layer(picture):
    made = picture(photograph())
    made.lock("item-set-lock-content")
    made.select(*BOX)
    refuses(made, "locked")
    made.fill(new_layer=True)
    assert (made.pixels(made.layer)[..., :3] == photograph()).all() and len(made.layers()) == 2


def test_the_image_of_a_layer_whose_mask_is_edited(picture):
    # GIMP hands the mask as drawable then; a script may hand the layer.
    made = picture(np.dstack([photograph(), np.full((80, 96), 255, np.uint8)]))
    mask = made.add_mask(edited=True)
    made.select(*BOX)
    refuses(made, "not on its mask", mask)
    made.fill()
    assert made.gimp.number(f"(gimp-layer-get-edit-mask {made.layer})") == 1
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


@pytest.mark.parametrize("precision", ["U8-GAMMA", "U8-LINEAR", "FLOAT-LINEAR", "FLOAT-GAMMA"])
@pytest.mark.parametrize("new_layer", [False, True])
def test_an_embedded_profile_stays_and_its_pixels_too(picture, tmp_path, precision, new_layer):
    made = picture(photograph())
    path = tmp_path / "profile.icc"
    path.write_bytes(adobe_like_profile())
    made.set_profile(path)
    if precision != "U8-GAMMA":
        made.convert(precision)
    made.select(*BOX)
    before, profile = made.pixels(), made.profile()
    made.fill(new_layer)
    check_changed_inside_only(before, made.pixels(), inside(before.shape, BOX))
    assert made.profile() == profile


def adobe_like_profile() -> bytes:
    """sRGB's profile with other primaries: red, green and blue change places, so that a mistaken space shows."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for i in range(int.from_bytes(profile[128:132], "big")):
        entry = profile[132 + 12 * i:144 + 12 * i]
        tags[bytes(entry[:4])] = int.from_bytes(entry[4:8], "big")
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    shift = 0x1800  # of 0x10000: from red to green, so that white stays white
    for axis in range(3):
        for start, sign in [(red, -1), (green, 1)]:
            place = start + 8 + 4 * axis
            value = int.from_bytes(profile[place:place + 4], "big", signed=True) + sign * shift
            profile[place:place + 4] = value.to_bytes(4, "big", signed=True)
    return bytes(profile)


def test_the_fill_of_a_profile_is_that_of_srgb_in_its_space(picture, tmp_path):
    # What is painted must look alike, not have the same numbers.
    plain, tagged = picture(photograph()), picture(photograph())
    path = tmp_path / "profile.icc"
    path.write_bytes(adobe_like_profile())
    tagged.convert_to_profile(path)
    for made in [plain, tagged]:
        made.select(*BOX)
        made.fill(settings="steps=1 precision=float32")
    mask, expected = inside((80, 96), BOX), plain.pixels()[..., :3].astype(int)

    def difference() -> float:
        return np.abs(tagged.pixels()[..., :3] - expected)[mask].mean()

    numbers = difference()
    srgb = tmp_path / "srgb.icc"
    srgb.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tagged.convert_to_profile(srgb)
    colors = difference()
    assert colors < numbers / 2 and colors < 4, f"of 255: the numbers differ by {numbers:.1f}, the colors by {colors:.1f}"


def peak_memory(process: int) -> int:
    """MB; 0 when the process has ended"""
    try:
        match = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0
    return int(match[1]) // 1024 if match else 0


@pytest.mark.parametrize("new_layer", [False, True])
def test_a_small_selection_in_a_huge_layer_takes_little_memory(picture, new_layer):
    # 12000 x 8000: 288 MB of pixels, and as much again for a copy, 384 MB for a mask of the whole.
    made = picture(photograph(), size=(12000, 8000))
    made.gimp(f"(gimp-layer-resize {made.layer} 12000 8000 0 0)")
    made.select(6000, 4000, 40, 40)
    start, peak = time.monotonic(), 0
    mark = made.gimp.send(made.fill_call(new_layer, "steps=8"))
    process = wait_until(made.gimp.plug_in_process, "the plug-in")
    while memory := peak_memory(process):
        peak = max(peak, memory)
        time.sleep(0.05)
    made.gimp.answer(mark)
    assert peak < 500, f"{peak} MB"
    assert time.monotonic() - start < 60, f"{time.monotonic() - start:.0f} s"


@pytest.mark.parametrize("x, native_size, region", [(1500, 64, (1480, 122, 64, 64)), (10, 1500, (0, 0, 1500, 300))])
def test_a_run_over_the_window_is_one_without_it(picture, tmp_path, x, native_size, region):
    # A layer that is larger than the window around its selection, and one of what the model sees of it, which is seen whole.
    pack = tmp_path / "pack"
    pack.mkdir()
    for part in (PACKS / "tiny-sd15").iterdir():
        (pack / part.name).symlink_to(part)
    (pack / "recommended.json").write_text(f'{{"native_size": {native_size}}}')
    whole = np.tile(photograph(), (4, 36, 1))[:300, :3400]
    left, top, width, height = region
    seen = np.s_[top:top + height, left:left + width]
    large, small = picture(whole), picture(np.ascontiguousarray(whole[seen]))
    large.select(x, 140, 24, 28)
    small.select(x - left, 140 - top, 24, 28)
    for made, crop in [(large, "auto"), (small, "whole")]:
        made.fill(settings=f"steps=1 working-size=64 crop={crop}", model=str(pack))
    filled = large.pixels()
    check_changed_inside_only(whole, filled[..., :3], inside(whole.shape, (x, 140, 24, 28)))
    assert (filled[seen] == small.pixels()).all()
