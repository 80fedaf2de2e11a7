"""Boxes on disk: a table with a row for each box, and the image with its boxes drawn on it."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image, ImageDraw

from runtime.data.thumbnail import thumbnail
from runtime.delivery.answers import SURE_BOX, Answer, Row, classes_of
from runtime.spreadsheet import safe_cell

COLUMNS = ("path", "class", "probability", "left", "top", "right", "bottom")
COLORS = ("#e6a100", "#1f9bd1", "#2fae6b", "#d1495b", "#8a63d2", "#e07b39", "#4aa8a0", "#b0558f")
"""Of the classes, in order and again."""


class BoxTable:
    """Writes `FILE-boxes.csv`: every box of every image, in pixels of the image, with its class and probability. The
    file is there as soon as one image has been answered with boxes. Raises OSError."""

    def __init__(self, out: Path) -> None:
        self.path = out.with_name(f"{out.stem}-boxes.csv")
        self._part = self.path.with_name(f".{self.path.name}.part")
        self.written = False
        self._file: TextIO | None = None

    def add(self, row: Row) -> None:
        """The boxes of an image, the most probable first; outputs that are no boxes are passed over."""
        for output, answer in zip(row.outputs, row.answers, strict=False):
            if answer.boxes is None:
                continue
            if self._file is None:
                self._file = self._part.open("w", encoding="utf-8", newline="")
                csv.writer(self._file).writerow(COLUMNS)
            csv.writer(self._file).writerows(_rows(row.path, answer, classes_of(output)))

    def finish(self) -> None:
        """Give the table its name."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            os.replace(self._part, self.path)
            self.written = True

    def drop(self) -> None:
        """Take away what is not finished."""
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)


def _rows(path: str, answer: Answer, classes: Sequence[str]) -> list[list[str]]:
    boxes = np.zeros((0, 6)) if answer.boxes is None else answer.boxes
    return [
        [safe_cell(path), safe_cell(classes[int(box[5])]), f"{box[4]:.6f}", *(f"{edge:.2f}" for edge in box[:4])]
        for box in boxes
    ]


def framed_picture(path: str, answer: Answer, classes: Sequence[str], folder: Path) -> Path:
    """Write the image of an answer with the boxes that have a probability of at least `SURE_BOX`, as PNG. Raises
    OSError."""
    place = folder / f"{path}.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    under = np.zeros((1, 1, 1), np.float32) if answer.under is None else answer.under
    image = Image.fromarray(thumbnail(under, side=max(under.shape[1:]))).convert("RGB")
    draw = ImageDraw.Draw(image)
    wide = max(1, round(max(image.size) / 400))
    for box in () if answer.boxes is None else answer.boxes:
        if box[4] < SURE_BOX:
            continue
        color = COLORS[int(box[5]) % len(COLORS)]
        draw.rectangle([float(edge) for edge in box[:4]], outline=color, width=wide)
        draw.text((float(box[0]) + wide + 1, float(box[1]) + wide), f"{classes[int(box[5])]} {box[4]:.2f}", fill=color)
    image.save(place)
    return place
