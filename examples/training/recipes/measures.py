# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the operations promise, as numbers. Pictures are uint8 [H, W, 3], masks and holes bool [H, W]; a fill
differs from the picture in its hole only. Features are [C, H, W], with masks of their size, and compared by the cosine of
their angle, position by position, as `feature_distance` does.
"""
import numpy as np

from .task_masks import dilated

RING = 16  # pixels around a hole that are its surroundings
PLAIN = 6.0  # deviation of plain surroundings from an even gradient, in 8-bit steps
INVENTED = 12.0  # the least deviation of something that was not there before, in 8-bit steps
NOTICED = 0.02  # share of a hole from which on an object counts


def hole_psnr(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """dB, of the hole alone; at most 60. uint8 [H, W, 3]"""
    error = float(np.square(fill[hole].astype(float) - truth[hole]).mean())
    return float(10 * np.log10(255**2 / max(error, 255**2 / 1e6)))


def colour_seam(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """Mean length of the difference between both pictures' Sobel gradients along the hole's edge (ASUKA's "Grad")."""
    edge = hole & dilated(~hole, 1) | ~hole & dilated(hole, 1)
    difference = fill.astype(float) - truth
    padded = np.pad(difference, ((1, 1), (1, 1), (0, 0)), mode="edge")
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:], padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    horizontal, vertical = smooth[0][:, 2:] - smooth[0][:, :-2], smooth[1][2:] - smooth[1][:-2]
    return float(np.hypot(horizontal, vertical)[edge].mean()) if edge.any() else 0.0


def surroundings_are_plain(picture: np.ndarray, hole: np.ndarray) -> bool:
    """Whether all around the hole is an even gradient, as of sky, wall or blur; what the hole hides does not matter."""
    ring = dilated(hole, RING) & ~hole
    return bool(ring.any()) and float(np.sqrt(np.square(deviation(picture, ring)[ring]).mean())) < PLAIN


def invented_share(fill: np.ndarray, hole: np.ndarray) -> float:
    """Share of the hole that shows something which plain surroundings do not have, 0..1.

    What deviates from the hole's own even gradient counts, from twice of what is usual around it. Another colour of the
    whole hole does not: that is a seam. Grain does not either: deviations are means over 5 x 5 pixels.
    """
    ring = dilated(hole, RING) & ~hole
    usual = np.percentile(deviation(fill, ring)[ring], 95) if ring.any() else 0.0
    return float((deviation(fill, hole)[hole] > max(INVENTED, 2 * usual)).mean())


def deviation(picture: np.ndarray, region: np.ndarray) -> np.ndarray:
    """[H, W]: how far local means of the region are from a colour gradient fitted to it, root mean square of the channels.

    The fit is a plane for each channel, repeated without the half that fits least, so that an object does not bend it.
    """
    rows, columns = np.indices(region.shape) / np.max(region.shape)
    terms = np.stack([np.ones(region.shape), rows, columns], -1)  # [H, W, 3]
    means = local_means(picture.astype(float), region)
    chosen, result = region, np.zeros(region.shape)
    for _ in range(4):
        plane = np.linalg.lstsq(terms[chosen], means[chosen], rcond=None)[0]  # [3, channels]
        result = np.sqrt(np.square(means - terms @ plane).mean(-1))
        chosen = region & (result <= np.median(result[region]))
    return np.where(region, result, 0)


def local_means(values: np.ndarray, region: np.ndarray, radius: int = 2) -> np.ndarray:
    """[H, W, C]: means over the region's pixels in a square about each pixel"""
    weighted = np.concatenate([values * region[..., None], region[..., None].astype(float)], -1)
    for axis in (0, 1):
        padded = np.pad(weighted, [(radius, radius) if a == axis else (0, 0) for a in range(3)])
        weighted = sum(np.take(padded, range(offset, offset + region.shape[axis]), axis) for offset in range(2 * radius + 1))
    return weighted[..., :-1] / np.maximum(weighted[..., -1:], 1)


def unit(features: np.ndarray) -> np.ndarray:
    """[N, C] -> [N, C] of length 1; zero vectors stay zero"""
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)


def lean(fill: np.ndarray, original: np.ndarray, hole: np.ndarray, subject: np.ndarray, surroundings: np.ndarray) -> float:
    """How much more a fill is like the subject than like the surroundings, -1 to 1: the mean over the hole of the cosine
    with the nearest feature of the subject, less that with the nearest of the surroundings.
    """
    inside = unit(fill[:, hole].T)  # [N, C]
    own, around = unit(original[:, subject].T), unit(original[:, surroundings].T)
    return float(((inside @ own.T).max(1) - (inside @ around.T).max(1)).mean())


def novelty(fill: np.ndarray, original: np.ndarray, hole: np.ndarray, known: np.ndarray) -> float:
    """What a fill has that the known picture has nowhere: the mean distance, 1 - cosine, to the nearest known feature."""
    inside, outside = unit(fill[:, hole].T), unit(original[:, known].T)
    return float((1 - (inside @ outside.T).max(1)).mean())


def colour_error(result: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Distance of the mean colours inside the mask, in 8-bit steps, mean of the channels. uint8 [H, W, 3]"""
    return float(np.abs(result[mask].mean(0) - truth[mask].mean(0)).mean())


def colour_lean(fill: np.ndarray, original: np.ndarray, hole: np.ndarray, subject: np.ndarray, surroundings: np.ndarray) -> float:
    """Where a fill's mean colour lies on the way from the surroundings' (0) to the subject's (1). uint8 [H, W, 3]"""
    around = original[surroundings].mean(0)
    way = original[subject].mean(0) - around
    return float((fill[hole].mean(0) - around) @ way / max(float(way @ way), 1.0))


def gradient_size(pixels: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3] -> length of the brightness' gradient, float [H, W]"""
    brightness = pixels.astype(float) @ (0.299, 0.587, 0.114)
    return np.hypot(*np.gradient(brightness))
