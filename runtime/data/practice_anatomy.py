"""A synthetic head: tissues drawn as noise-deformed ellipses, one axial slice at a time.

No atlas and no patient is behind it. Coordinates are in head units: the head's half length (nose to back) is about 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

Floats = NDArray[np.float32]
Labels = NDArray[np.uint8]
GRID = 256  # pixels of the fine grid on which tissues are drawn
HALF_VIEW = 1.15  # head units from the middle of the image to its edge


class Tissue(IntEnum):
    """What a point of the head consists of."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    BONE = 3
    MARROW = 4
    CSF = 5
    GREY = 6
    WHITE = 7
    EYE = 8
    DEEP_GREY = 9


@dataclass(frozen=True, slots=True)
class Head:
    """One person's anatomy."""

    width: float
    length: float
    scalp: float
    skull: float
    ventricles: float  # relative size
    turn: float  # radians
    shift: tuple[float, float]
    folds: Floats  # three-dimensional noise, (z, y, x): where the sulci run
    bends: Floats  # two displacement fields, (2, y, x)


def make_head(rng: np.random.Generator) -> Head:
    """A person drawn at random."""
    return Head(
        width=rng.uniform(0.72, 0.82),
        length=rng.uniform(0.93, 1.02),
        scalp=rng.uniform(0.035, 0.065),
        skull=rng.uniform(0.04, 0.06),
        ventricles=rng.uniform(0.75, 1.45),
        turn=rng.normal(0, 0.07),
        shift=(rng.normal(0, 0.04), rng.normal(0, 0.04)),
        folds=_folds(rng),
        bends=np.stack([_smooth(rng, 40.0) for _ in range(2)]) * np.float32(0.028),
    )


def _smooth(rng: np.random.Generator, sigma: float) -> Floats:
    """Noise of unit spread that is smooth over `sigma` fine pixels."""
    coarse = 64
    field = gaussian_filter(rng.standard_normal((coarse, coarse)), sigma * coarse / GRID)
    large = zoom(field, GRID / coarse, order=3)[:GRID, :GRID]
    return np.asarray(large / large.std(), dtype=np.float32)


def _folds(rng: np.random.Generator) -> Floats:
    """Band-limited noise over the whole head; its zero crossings are winding lines of even distance, like sulci."""
    noise = rng.standard_normal((24, 96, 96))
    band = gaussian_filter(noise, (1.0, 1.9, 1.9)) - gaussian_filter(noise, (1.6, 3.6, 3.6))
    return np.asarray(band / band.std(), dtype=np.float32)


def grid(head: Head) -> tuple[Floats, Floats]:
    """Coordinates (across, along) of every fine pixel in the head's own axes, after shift, turn and bending.

    `across` grows to the image's right, `along` towards the nose (the top of the image).
    """
    line = np.linspace(-HALF_VIEW, HALF_VIEW, GRID, dtype=np.float32)
    x = line[None, :] - np.float32(head.shift[0]) + head.bends[0]
    y = -line[:, None] - np.float32(head.shift[1]) + head.bends[1]
    cos, sin = np.float32(np.cos(head.turn)), np.float32(np.sin(head.turn))
    return cos * x - sin * y, sin * x + cos * y


def tissues(head: Head, height: float) -> Labels:
    """The tissue of every fine pixel in the slice at `height`: -0.45 is at the eyes, 0.9 near the top of the head."""
    x, y = grid(head)
    scale = float(np.sqrt(max(0.05, 1 - 0.92 * max(height, 0.0) ** 2.4)))
    low = min(1.0, max(0.0, -height / 0.45))
    half_x, half_y = head.width * scale, head.length * scale
    egg = 1 + 0.10 * np.clip(y / half_y, -1, 1)  # narrower at the forehead
    radius = np.sqrt((x * egg / half_x) ** 2 + (y / half_y) ** 2)
    depth = (1 - radius) * np.sqrt(half_x * half_y)  # head units below the skin
    labels = np.zeros((GRID, GRID), np.uint8)
    labels[depth > 0] = Tissue.FAT
    labels[(depth > head.scalp * 0.55) & (np.abs(x) > 0.6 * half_x) & (y < 0.45)] = Tissue.MUSCLE
    bone = depth > head.scalp
    labels[bone] = Tissue.BONE
    labels[bone & (np.abs(depth - head.scalp - head.skull / 2) < head.skull * 0.14)] = Tissue.MARROW
    inside = depth - head.scalp - head.skull
    labels[inside > 0] = Tissue.CSF
    _brain(labels, head, x, y, inside, height)
    if height < 0.62:
        _ventricles(labels, head, x, y, height)
    if low > 0:
        _face(labels, x, y, half_y, low, inside, _folds_at(head, x, y, height))
    return labels


def _brain(labels: Labels, head: Head, x: Floats, y: Floats, inside: Floats, height: float) -> None:
    """Grey and white matter, sulci with fluid in them, and the fissure between the halves."""
    margin = 0.022
    folds = _folds_at(head, x, y, height)
    valley = np.abs(folds)
    reach = inside < 0.30 + 0.10 * np.sign(folds)  # how deep sulci go
    brain = inside > margin
    fissure = np.abs(x + 0.012 * np.sin(7 * y)) < 0.013
    outside = np.abs(y) > (0.34 if height < 0.62 else -1.0)
    sulcus = (valley < 0.13) & (inside < 0.24)
    ribbon = (valley < 0.75) & reach | (inside < margin + 0.055)
    ribbon |= (np.abs(x) < 0.06) & outside
    labels[brain] = Tissue.WHITE
    labels[brain & ribbon] = Tissue.GREY
    labels[brain & (sulcus | (fissure & outside))] = Tissue.CSF


def _folds_at(head: Head, x: Floats, y: Floats, height: float) -> Floats:
    depth, rows, columns = head.folds.shape
    place = np.clip((height + 0.6) / 1.6, 0, 1) * (depth - 1)
    where = np.stack(
        [np.full_like(x, place), (y / HALF_VIEW + 1) / 2 * (rows - 1), (x / HALF_VIEW + 1) / 2 * (columns - 1)]
    )
    return np.asarray(map_coordinates(head.folds, where, order=1, mode="nearest"), dtype=np.float32)


def _ellipse(
    x: Floats, y: Floats, centre: tuple[float, float], half: tuple[float, float], turn: float = 0.0
) -> NDArray[np.bool_]:
    cos, sin = np.cos(turn), np.sin(turn)
    u, v = x - centre[0], y - centre[1]
    inside: NDArray[np.bool_] = ((cos * u + sin * v) / half[0]) ** 2 + ((cos * v - sin * u) / half[1]) ** 2 < 1
    return inside


def _ventricles(labels: Labels, head: Head, x: Floats, y: Floats, height: float) -> None:
    """Deep grey nuclei, the lateral ventricles with their horns, and the third ventricle."""
    middle = 1 - min(1.0, abs(height - 0.18) / 0.42)
    size = head.ventricles * max(0.0, middle) ** 0.5
    if height < 0.35:
        for side in (-1, 1):
            labels[_ellipse(x, y, (side * 0.24, 0.10), (0.075, 0.17), side * 0.25)] = Tissue.DEEP_GREY
            labels[_ellipse(x, y, (side * 0.10, -0.10), (0.085, 0.13), side * -0.3)] = Tissue.DEEP_GREY
    if size <= 0:
        return
    for side in (-1, 1):
        body = _ellipse(x, y, (side * (0.065 + 0.02 * size), 0.24), (0.045 * size, 0.17), side * 0.30)
        horn = _ellipse(x, y, (side * (0.15 + 0.03 * size), -0.27), (0.055 * size, 0.19), side * -0.35)
        trunk = _ellipse(x, y, (side * 0.085, 0.0), (0.028 * size, 0.22), side * -0.05) & (height > 0.15)
        labels[body | horn | trunk] = Tissue.CSF
    labels[_ellipse(x, y, (0.0, -0.03), (0.014 * size, 0.14))] = Tissue.CSF


def _face(labels: Labels, x: Floats, y: Floats, half_y: float, low: float, inside: Floats, folds: Floats) -> None:
    """Eyes in their fat, the nose's air, and the cerebellum: what slices below the ventricles show."""
    front = half_y * 0.74
    open_orbit = low**0.5
    for side in (-1, 1):
        orbit = _ellipse(x, y, (side * 0.30, front - 0.14), (0.16 * open_orbit, 0.25), side * -0.42)
        labels[orbit & (inside > -0.06)] = Tissue.FAT
        nerve = _ellipse(x, y, (side * 0.25, front - 0.22), (0.022, 0.17), side * -0.42)
        labels[nerve | _ellipse(x, y, (side * 0.43, front - 0.12), (0.02, 0.15), side * -0.15)] = Tissue.MUSCLE
        labels[_ellipse(x, y, (side * 0.33, front), (0.118 * open_orbit, 0.122 * open_orbit))] = Tissue.EYE
        labels[_ellipse(x, y, (side * 0.33, front + 0.085), (0.05 * open_orbit, 0.022))] = Tissue.MUSCLE
    labels[_ellipse(x, y, (0.0, front - 0.12), (0.11, 0.26))] = Tissue.MUSCLE
    labels[_ellipse(x, y, (-0.05, front - 0.10), (0.04, 0.20))] = Tissue.AIR
    labels[_ellipse(x, y, (0.05, front - 0.10), (0.04, 0.20))] = Tissue.AIR
    back = _ellipse(x, y, (0.0, -half_y * 0.48), (0.46 * low**0.4, 0.30)) & (inside > 0.05)
    phase = np.hypot(x / 1.3, y + half_y * 0.30) * 105 + 2.2 * folds + 3 * np.abs(np.sin(9 * x))
    core = _ellipse(x, y, (0.0, -half_y * 0.45), (0.30 * low**0.4, 0.10)) & (np.abs(x) > 0.05)
    leaves = (np.sin(phase) > -0.35) & ~core
    labels[back] = np.where(leaves, Tissue.GREY, Tissue.WHITE)[back]
    labels[back & (np.sin(phase) > 0.93)] = Tissue.CSF
    labels[_ellipse(x, y, (0.0, -0.02), (0.17, 0.15))] = Tissue.WHITE
    labels[_ellipse(x, y, (0.0, -half_y * 0.27), (0.05, 0.05))] = Tissue.CSF
    rim = (inside > 0.0) & (np.abs(np.hypot(x / 1.45, y + half_y * 0.48) - 0.335) < 0.012) & (y < -0.2)
    labels[rim] = Tissue.CSF
