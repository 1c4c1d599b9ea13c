"""What the tasks promise, as numbers. Only numpy is needed; features are [C, H, W] and masks bool [H, W] of their size.

Features are compared by the cosine of their angle, position by position, as `feature_distance` does.
"""
import numpy as np


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


def hole_psnr(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """dB, of the hole alone; at most 60. uint8 [H, W, 3]"""
    error = float(np.square(fill[hole].astype(float) - truth[hole]).mean())
    return float(10 * np.log10(255**2 / max(error, 255**2 / 1e6)))
