# SPDX-License-Identifier: LGPL-3.0-or-later
"""Captions computed from what a mask hides, so that prompts steer the fill without anybody describing photographs."""
import cv2
import numpy as np

from photographs.packages import PACKAGES

COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown", "grey", "white", "black")
BRIGHTNESS = ("dark", "bright")
TEXTURE = ("smooth", "rough", "horizontal", "vertical", "diagonal")
FILLERS = ("a", "photo", "of", "the", "and", "with", "photograph", "picture", "texture")
SUBJECT, SURROUNDINGS = "subject", "surroundings"  # what a hole made of a subject's mask hides
# hue in OpenCV's half degrees at which a name begins
HUES = ((0, "red"), (8, "orange"), (22, "yellow"), (35, "green"), (82, "cyan"), (98, "blue"), (130, "purple"), (150, "pink"), (170, "red"))


def vocabulary() -> list[str]:
    """Every word that a caption can contain. New ones go last: the tokens of the others stay as they are."""
    subjects = " ".join(words for package in PACKAGES for words in package.photographs.values()).replace("{name}", "")
    return list(dict.fromkeys([*COLOURS, *BRIGHTNESS, *TEXTURE, *FILLERS, *subjects.split(), SUBJECT, SURROUNDINGS]))


def colour_name(rgb: np.ndarray) -> str:
    """Name of one colour, float [3] in 0..255. Limits by eye: chroma against value decides between hue and grey."""
    hue, saturation, value = cv2.cvtColor(np.uint8(rgb)[None, None], cv2.COLOR_RGB2HSV)[0, 0]
    if value < 40:
        return "black"
    if saturation < 40:
        return "white" if value > 205 else "grey"
    name = [name for limit, name in HUES if hue >= limit][-1]
    if name in ("red", "orange", "yellow") and value < 150 and saturation < 190:
        return "brown"
    return name


def describe(pixels: np.ndarray, hole: np.ndarray) -> list[str]:
    """Words for the hidden part of uint8 [H, W, 3] where hole [H, W] is true: colour, brightness, texture."""
    inside = pixels[hole].astype(np.float32)  # [N, 3]
    mean = inside.mean(0)
    words = [colour_name(mean)]
    brightness = float(mean @ (0.299, 0.587, 0.114))
    words += ["dark"] * (brightness < 70) + ["bright"] * (brightness > 170)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0)[hole] / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1)[hole] / 8
    strength = float(np.hypot(dx, dy).mean())
    if strength < 2:
        return words + ["smooth"]
    if strength > 10:
        words.append("rough")
    # structure tensor: coherence and direction of the strongest gradient; stripes run across it
    xx, yy, xy = (dx * dx).mean(), (dy * dy).mean(), (dx * dy).mean()
    coherence = float(np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-6))
    if coherence > 0.45:
        angle = np.degrees(0.5 * np.arctan2(2 * xy, xx - yy))
        words.append("vertical" if abs(angle) < 22.5 else "horizontal" if abs(angle) > 67.5 else "diagonal")
    return words


def caption(pixels: np.ndarray, hole: np.ndarray, subject: str, hidden: str, random: np.random.Generator) -> str:
    """One caption: some of the words in varied order, now and then inside a sentence.

    hidden: a word for what the hole hides, or "". At times it stands alone: it must steer without a colour beside it.
    """
    if hidden and random.random() < 0.5:
        return hidden
    known = set(vocabulary())
    words = [word for word in describe(pixels, hole) if random.random() < 0.85]
    words += [word for word in subject.split() if word in known and random.random() < 0.4]
    words += [hidden] * bool(hidden and random.random() < 0.5)
    if random.random() < 0.3:
        random.shuffle(words)
    text = " ".join(words)
    return f"a photo of {text}" if text and random.random() < 0.25 else text
