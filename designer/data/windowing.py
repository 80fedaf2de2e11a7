"""From real values to the screen: windows by name, grey pictures, and masks in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

MASK_COLORS = ("#ff5c40", "#40a0ff", "#ffc828", "#5ad278", "#c86eff", "#40d0d0", "#ff8cc0", "#b0b0ff")


@dataclass(frozen=True, slots=True)
class Window:
    """The values that are spread over the greys, in the image's unit."""

    centre: float
    width: float

    @staticmethod
    def between(low: float, high: float) -> Window:
        """The window from one value to another."""
        return Window((low + high) / 2, max(high - low, 1e-6))

    @property
    def low(self) -> float:
        """What is black."""
        return self.centre - self.width / 2

    def moved(self, level: float, width: float) -> Window:
        """Brighter or darker by `level` of the width, wider by the factor."""
        return Window(self.centre + level * self.width, max(self.width * width, 1e-6))


CT_WINDOWS: dict[str, Window] = {
    "Lung": Window(-600, 1500),
    "Soft tissue": Window(40, 400),
    "Bone": Window(480, 2500),
    "Brain": Window(40, 80),
}


def grey(values: NDArray[np.float32], window: Window, inverted: bool = False) -> QImage:
    """(channels, rows, columns) as a picture: grey for one channel, colour for three; what is no number is black."""
    shown = values if values.shape[0] == 3 else values[:1]
    scaled = (shown - window.low) * (255.0 / window.width)
    bytes_ = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0), 0, 255).astype(np.uint8)
    if inverted:
        bytes_ = 255 - bytes_
    rows, columns = values.shape[-2:]
    if bytes_.shape[0] == 3:
        packed = np.ascontiguousarray(np.moveaxis(bytes_, 0, -1))
        return QImage(packed.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
    flat = np.ascontiguousarray(bytes_[0])
    return QImage(flat.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def overlay(mask: NDArray[np.int32], values: Sequence[int], opacity: float) -> QImage:
    """A mask in the colours of its classes, clear where it is background; `values` are the classes' stored numbers."""
    places = np.zeros(mask.shape, np.uint8)
    stored = list(values[1:]) or [int(value) for value in np.unique(mask) if value != 0][:254]
    for place, value in enumerate(stored, 1):
        places[mask == value] = place
    rows, columns = len(places), places.size // max(len(places), 1)
    made = QImage(places.data, columns, rows, columns, QImage.Format.Format_Indexed8).copy()
    colours = [QColor(0, 0, 0, 0).rgba()]
    for place in range(len(stored)):
        colour = QColor(MASK_COLORS[place % len(MASK_COLORS)])
        colour.setAlphaF(opacity)
        colours.append(colour.rgba())
    made.setColorTable(colours)
    return made
