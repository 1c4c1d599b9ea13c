# SPDX-License-Identifier: LGPL-3.0-or-later
"""Photographs with the masks of their subjects: from a segmentation made without weights, or from COCO's annotations.

Both sources have `training` and `validation`, lists of keys, and `picture(key)`, which returns a picture uint8
[H, W, 3] and the masks of its subjects, bool [H, W]. A picture may have none.
"""
import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage.segmentation import felzenszwalb

from .data import Crops

SHARES = (0.03, 0.25)  # of the picture
SOLIDITY = 0.75  # area against the convex hull's
CONTRAST = 14  # between the mean colours of a region and of its surroundings, in CIE Lab
SCALES = (200, 600, 1500)  # of the graph-based segmentation: a larger one merges more


class SegmentedCrops:
    """The crops of `collect_photographs.py`, segmented by Felzenszwalb & Huttenlocher (2004) at several scales."""

    def __init__(self, folder: Path):
        self.crops = Crops(folder)
        self.training, self.validation = self.crops.training, self.crops.validation

    def picture(self, key: int) -> tuple[np.ndarray, list[np.ndarray]]:
        pixels = np.asarray(self.crops.pixels[key])
        return pixels, segmented_subjects(pixels)


class CocoSubjects:
    """COCO's photographs, each cut to a square around one of its objects, which is its subject.

    instances: instances_train2017.json or the like; images: the folder with the files that it names. Crowds, and
    objects too small, too large or cut off by the frame are left out. One photograph in twenty is held out.
    """

    def __init__(self, instances: Path, images: Path, size: int):
        annotations = json.loads(instances.read_text())
        self.files = {image["id"]: images / image["file_name"] for image in annotations["images"]}
        self.outlines = defaultdict(list)
        for annotation in annotations["annotations"]:
            if not annotation["iscrowd"]:
                self.outlines[annotation["image_id"]].append(annotation["segmentation"])
        keys = [(image, number) for image, outlines in self.outlines.items() for number in range(len(outlines))]
        self.training = [key for key in keys if key[0] % 20]
        self.validation = [key for key in keys if key[0] % 20 == 0]
        self.size = size

    def picture(self, key: tuple[int, int]) -> tuple[np.ndarray, list[np.ndarray]]:
        image, number = key
        picture = Image.open(self.files[image]).convert("RGB")
        scale = self.size / min(picture.size)
        pixels = np.asarray(picture.resize([max(self.size, round(side * scale)) for side in picture.size], Image.LANCZOS))
        mask = np.zeros(pixels.shape[:2], np.uint8)
        corners = [np.rint(np.reshape(part, (-1, 2)) * scale).astype(np.int32) for part in self.outlines[image][number]]
        cv2.fillPoly(mask, corners, 1)
        ys, xs = np.nonzero(mask)
        centre = (ys.mean(), xs.mean()) if len(ys) else (0, 0)
        top, left = (int(np.clip(middle - self.size / 2, 0, side - self.size)) for middle, side in zip(centre, mask.shape))
        frame = slice(top, top + self.size), slice(left, left + self.size)
        subject = mask[frame] > 0
        return pixels[frame], [subject] if SHARES[0] <= subject.mean() <= SHARES[1] and borders_touched(subject) <= 1 else []


def segmented_subjects(pixels: np.ndarray) -> list[np.ndarray]:
    """Regions of uint8 [H, W, 3] that look like objects: compact, of 3 to 25 %, unlike what surrounds them."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    found = []
    for scale in SCALES:
        labels = felzenszwalb(small, scale=scale, sigma=1.0, min_size=60, channel_axis=2)
        shares = np.bincount(labels.ravel()) / labels.size
        for label in np.flatnonzero((shares >= SHARES[0] / 2) & (shares <= SHARES[1])):
            mask = smoothed(labels == label)
            if is_object_like(mask, lab) and all(overlap(mask, other) < 0.5 for other in found):
                found.append(mask)
    return [cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0 for mask in found]


def smoothed(mask: np.ndarray) -> np.ndarray:
    """The largest part of a mask without threads, its holes filled."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(opened)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], 0, 1, -1)
    return filled > 0


def is_object_like(mask: np.ndarray, lab: np.ndarray) -> bool:
    if not SHARES[0] <= mask.mean() <= SHARES[1] or borders_touched(mask) > 1:
        return False
    corners = np.argwhere(mask)[:, ::-1].astype(np.int32)
    if mask.sum() < SOLIDITY * cv2.contourArea(cv2.convexHull(corners)):
        return False
    ring = cv2.dilate(mask.astype(np.uint8), np.ones((17, 17), np.uint8)) > mask
    return float(np.linalg.norm(lab[mask].mean(0) - lab[ring].mean(0))) >= CONTRAST


def borders_touched(mask: np.ndarray) -> int:
    return sum(bool(side.any()) for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union"""
    return float((a & b).sum() / (a | b).sum())
