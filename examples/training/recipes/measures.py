"""Measures of a fill, in NumPy alone. Pictures are uint8 [H, W, 3], holes bool [H, W]; a fill differs from the picture in its
hole only."""
import numpy as np

RING = 16  # pixels around a hole that are its surroundings
PLAIN = 6.0  # deviation of plain surroundings from an even gradient, in 8-bit steps
INVENTED = 12.0  # the least deviation of something that was not there before, in 8-bit steps
NOTICED = 0.02  # share of a hole from which on an object counts


def hole_psnr(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """dB, of the hole's pixels alone"""
    error = np.square(fill[hole].astype(float) - truth[hole]).mean()
    return float(-10 * np.log10(error / 255**2 + 1e-7))


def colour_seam(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """Mean length of the difference between both pictures' Sobel gradients along the hole's edge (ASUKA's "Grad")."""
    edge = hole & grown(~hole, 1) | ~hole & grown(hole, 1)
    difference = fill.astype(float) - truth
    padded = np.pad(difference, ((1, 1), (1, 1), (0, 0)), mode="edge")
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:], padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    horizontal, vertical = smooth[0][:, 2:] - smooth[0][:, :-2], smooth[1][2:] - smooth[1][:-2]
    return float(np.hypot(horizontal, vertical)[edge].mean()) if edge.any() else 0.0


def surroundings_are_plain(picture: np.ndarray, hole: np.ndarray) -> bool:
    """Whether all around the hole is an even gradient, as of sky, wall or blur; what the hole hides does not matter."""
    ring = grown(hole, RING) & ~hole
    return bool(ring.any()) and float(np.sqrt(np.square(deviation(picture, ring)[ring]).mean())) < PLAIN


def invented_share(fill: np.ndarray, hole: np.ndarray) -> float:
    """Share of the hole that shows something which plain surroundings do not have, 0..1.

    What deviates from the hole's own even gradient counts, from twice of what is usual around it. Another colour of the
    whole hole does not: that is a seam. Grain does not either: deviations are means over 5 x 5 pixels.
    """
    ring = grown(hole, RING) & ~hole
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


def grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """The mask and what is up to `pixels` off, along rows and columns"""
    for axis in (0, 1):
        padded = np.pad(mask, [(pixels, pixels) if a == axis else (0, 0) for a in range(2)])
        mask = np.any([np.take(padded, range(offset, offset + mask.shape[axis]), axis) for offset in range(2 * pixels + 1)], axis=0)
    return mask
