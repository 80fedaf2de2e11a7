"""From tissues to pixels: contrast, partial volume, bias field, blur and Rician noise of a magnetic resonance image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

from runtime.data.practice_anatomy import GRID, Floats, Labels, Tissue

PIXELS = 128  # rows and columns of an image
VIEW_MM = 240.0  # side of the image
PIXEL_MM = VIEW_MM / PIXELS
HIGHEST = 4095  # 12 bits

T1: Mapping[Tissue, float] = {
    Tissue.FAT: 1.0,
    Tissue.MUSCLE: 0.42,
    Tissue.BONE: 0.05,
    Tissue.MARROW: 0.55,
    Tissue.CSF: 0.17,
    Tissue.GREY: 0.50,
    Tissue.WHITE: 0.74,
    Tissue.EYE: 0.20,
    Tissue.DEEP_GREY: 0.58,
}
T2: Mapping[Tissue, float] = {
    Tissue.FAT: 0.62,
    Tissue.MUSCLE: 0.22,
    Tissue.BONE: 0.04,
    Tissue.MARROW: 0.35,
    Tissue.CSF: 1.0,
    Tissue.GREY: 0.54,
    Tissue.WHITE: 0.36,
    Tissue.EYE: 1.0,
    Tissue.DEEP_GREY: 0.42,
}
FLAIR: Mapping[Tissue, float] = {
    Tissue.FAT: 0.72,
    Tissue.MUSCLE: 0.30,
    Tissue.BONE: 0.05,
    Tissue.MARROW: 0.40,
    Tissue.CSF: 0.10,
    Tissue.GREY: 0.55,
    Tissue.WHITE: 0.44,
    Tissue.EYE: 0.12,
    Tissue.DEEP_GREY: 0.50,
}


@dataclass(frozen=True, slots=True)
class Scanner:
    """What one acquisition adds to the anatomy; the same for all slices of a series."""

    gain: float
    floor: float  # offset of all pixels, as some scanners have it
    noise: float  # spread, relative to the brightest tissue
    blur: float  # fine pixels
    bias: Floats  # factor for each fine pixel
    offset: tuple[float, float]  # fine pixels that the person moved between series


def make_scanner(rng: np.random.Generator) -> Scanner:
    """An acquisition drawn at random. Gains vary so much that brightness alone does not tell contrasts apart."""
    line = np.linspace(-1, 1, GRID)
    a, b, c, d = rng.normal(0, 0.12, 4)
    field = 1 + a * line[:, None] + b * line[None, :] + c * line[:, None] ** 2 + d * line[:, None] * line[None, :]
    return Scanner(
        gain=float(np.exp(rng.uniform(np.log(500), np.log(2900)))),
        floor=float(rng.uniform(0, 120)),
        noise=float(rng.uniform(0.02, 0.06)),
        blur=float(rng.uniform(0.5, 1.1)),
        bias=np.clip(field, 0.55, 1.5).astype(np.float32),
        offset=(float(rng.normal(0, 2)), float(rng.normal(0, 2))),
    )


def acquire(
    labels: Labels,
    contrast: Mapping[Tissue, float],
    scanner: Scanner,
    rng: np.random.Generator,
    bright: Floats | None = None,
) -> NDArray[np.uint16]:
    """The image of one slice, (128, 128), 12 bits. `bright` is a lesion's share of each fine pixel, 0 to 1."""
    table = np.zeros(len(Tissue), np.float32)
    for tissue, value in contrast.items():
        table[tissue] = value * rng.normal(1, 0.02)
    signal = table[labels]
    texture = gaussian_filter(rng.standard_normal(signal.shape), 2.0).astype(np.float32)
    signal = signal * (1 + 0.25 * texture)
    if bright is not None:
        signal = signal * (1 - bright) + bright * (1 + 0.6 * texture) * np.float32(rng.uniform(0.72, 0.92))
    signal = gaussian_filter(signal * scanner.bias, scanner.blur)
    signal = shift(signal, scanner.offset, order=1, mode="constant")
    small = halved(np.asarray(signal, dtype=np.float32))
    spread = scanner.noise
    real = small + rng.normal(0, spread, small.shape)
    pixels = np.hypot(real, rng.normal(0, spread, small.shape)) * scanner.gain + scanner.floor
    return np.clip(np.round(pixels), 0, HIGHEST).astype(np.uint16)


def halved(fine: Floats) -> Floats:
    """The mean of each block of fine pixels: from the fine grid to the pixels of an image."""
    step = GRID // PIXELS
    return np.asarray(fine.reshape(PIXELS, step, PIXELS, step).mean(axis=(1, 3)), dtype=np.float32)


def moved(fine: Floats, scanner: Scanner) -> Floats:
    """A share of fine pixels, displaced like the image."""
    return np.asarray(shift(fine, scanner.offset, order=1, mode="constant"), dtype=np.float32)
