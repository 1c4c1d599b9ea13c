# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes strip.jpg, README's pictures: what is marked in the photograph above, what the mini pack makes of it below.

    python3 strip.py [--tool inpaint]        takes Pillow and the installed tool; GEGL_INPAINT_MODEL says the model
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent
PHOTOGRAPH, HOLE, SUBJECT = (HERE / name for name in ("dragonfly.jpg", "dragonfly-mask.png", "dragonfly-subject.png"))
MOVE, MARGIN = (-270, -40), 96
COLUMNS = {
    "fill": ["sd-inpaint", PHOTOGRAPH, "--mask", HOLE, "prompt=lavender", "color-match=true"],
    "remove": ["seele-remove", PHOTOGRAPH, "--mask", SUBJECT],
    "move": ["seele-reposition", PHOTOGRAPH, "--mask", SUBJECT, f"x={MOVE[0]}", f"y={MOVE[1]}", "scale=1.2"],
    "extend": ["outpaint", PHOTOGRAPH, f"left={MARGIN}", f"right={MARGIN}"],
}
CELL, TITLE, GAP = (240, 180), 24, 4


def checkers(size: tuple[int, int]) -> Image.Image:
    """What viewers show of transparent pixels."""
    board = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(board)
    for x in range(0, size[0], 32):
        for y in range(0, size[1], 32):
            if (x + y) // 32 % 2:
                draw.rectangle((x, y, x + 31, y + 31), "lightgrey")
    return board


def outlined(photograph: Image.Image, mask: Image.Image) -> Image.Image:
    edge = ImageChops.subtract(mask.filter(ImageFilter.MaxFilter(17)), mask.filter(ImageFilter.MaxFilter(5)))
    return Image.composite(Image.new("RGB", photograph.size, "red"), photograph, edge)


def before(title: str) -> Image.Image:
    photograph, hole, subject = Image.open(PHOTOGRAPH), Image.open(HOLE).convert("L"), Image.open(SUBJECT).convert("L")
    if title == "fill":
        return Image.composite(checkers(photograph.size), photograph, hole)
    if title == "extend":
        wider = checkers((photograph.width + 2 * MARGIN, photograph.height))
        wider.paste(photograph, (MARGIN, 0))
        return wider
    marked = outlined(photograph, subject)
    if title == "move":
        left, top, right, bottom = subject.getbbox()
        start = ((left + right) // 2 - 60, (top + bottom) // 2)
        end = (start[0] + MOVE[0] + 60, start[1] + MOVE[1])
        draw = ImageDraw.Draw(marked)
        draw.line([start, end], "red", 8)
        draw.polygon([(end[0] - 26, end[1] - 4), (end[0] + 6, end[1] - 22), (end[0] + 10, end[1] + 22)], "red")
    return marked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default="inpaint")
    tool = parser.parse_args().tool
    strip = Image.new("RGB", (len(COLUMNS) * (CELL[0] + GAP) - GAP, TITLE + 2 * CELL[1] + GAP), "white")
    draw = ImageDraw.Draw(strip)
    with tempfile.TemporaryDirectory() as folder:
        for column, (title, command) in enumerate(COLUMNS.items()):
            result = Path(folder) / f"{title}.png"
            subprocess.run([tool, "run", *command, "-o", result, "seed=1", "--quiet"], check=True)
            x = column * (CELL[0] + GAP)
            draw.text((x + CELL[0] // 2, 2), title, "black", ImageFont.truetype("DejaVuSans.ttf", 16), anchor="ma")
            for row, picture in enumerate([before(title), Image.open(result).convert("RGB")]):
                picture.thumbnail(CELL, Image.LANCZOS)
                y = TITLE + row * (CELL[1] + GAP)
                strip.paste(picture, (x + (CELL[0] - picture.width) // 2, y + (CELL[1] - picture.height) // 2))
    strip.save(HERE / "strip.jpg", quality=85, optimize=True)


main()
