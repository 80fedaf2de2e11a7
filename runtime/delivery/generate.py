"""Looking at what a generator makes: a model that takes noise alone gives images, written as PNG files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.delivery.draws import draws, takes_only_draws
from runtime.delivery.predictors import Predictor
from runtime.errors import RunError

_BATCH = 64
_GAP = 2  # pixels between the images of the overview
_OVERVIEW = "all.png"

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: the folder, one file with all images, how many; the values shown as black and as white."""

    folder: Path
    overview: Path
    count: int
    black: float
    white: float


def generate(model: Predictor, folder: Path, count: int = 16, seed: int = 0, wanted: str = "") -> Generated:
    """Have a generator make images, and write each as FOLDER/NUMBER.png, and all side by side as all.png.

    Values are shown from the lowest (black) to the highest (white) that was made. The same seed gives the same images.
    A conditional generator makes images of the class `wanted`, or of all its classes in turn.
    Raises RunError for a model that takes images, or gives none of 2 dimensions in grey or colour; when it cannot be
    written.
    """
    made = _made(model, count, seed, wanted)
    black, white = float(made.min()), float(made.max())
    shown = ((made - black) / max(white - black, 1e-12) * 255).round().astype(np.uint8)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(shown, start=1):
            _picture(image).save(folder / f"{number:0{len(str(count))}d}.png")
        _picture(_side_by_side(shown)).save(folder / _OVERVIEW)
    except OSError as error:
        raise RunError(f"The images cannot be written to {folder}: {error.strerror or error}.") from error
    return Generated(folder, folder / _OVERVIEW, count, black, white)


def _made(model: Predictor, count: int, seed: int, wanted: str) -> NDArray[np.float32]:
    """The images (N, channels, rows, columns) of the first output that gives such. Raises RunError."""
    inputs, outputs = model.contract.inputs, model.contract.outputs
    if not takes_only_draws(model.contract):
        names = ", ".join(f"“{entry.name}”" for entry in inputs if entry.feed not in ("noise", "class"))
        raise RunError(f"This model takes {names} and not noise alone, so it makes no images by itself; use predict.")
    place = next((at for at, one in enumerate(outputs) if len(one.shape) == 3 and one.shape[0] in (1, 3)), None)
    if place is None:
        raise RunError("No output of this model is a 2-D image in grey or colour, so there is nothing to look at.")
    if wanted and not any(entry.feed == "class" for entry in inputs):
        raise RunError("This model makes images of no class that could be chosen; leave the class out.")
    given = draws(model.contract, count, seed, wanted)
    parts = [model.answers([one[at : at + _BATCH] for one in given])[place] for at in range(0, count, _BATCH)]
    made: NDArray[np.float32] = np.concatenate(parts)
    return made


def _side_by_side(images: Bytes) -> Bytes:
    """Images (N, channels, rows, columns) as one, in about as many rows as columns."""
    count, channels, rows, columns = images.shape
    across = math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    sheet = np.zeros((channels, down * (rows + _GAP) - _GAP, across * (columns + _GAP) - _GAP), np.uint8)
    for place, image in enumerate(images):
        top, left = place // across * (rows + _GAP), place % across * (columns + _GAP)
        sheet[:, top : top + rows, left : left + columns] = image
    return sheet


def _picture(image: Bytes) -> Image.Image:
    return Image.fromarray(image[0] if image.shape[0] == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)))
