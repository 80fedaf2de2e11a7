"""Signals as pictures: a curve for each lead, one below the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_LEADS = 40  # that are drawn
_PAPER, _INK, _LINE = 16, 255, 64  # grey values of the ground, the curves, the lines between the leads
_TALL = 24  # rows that a lead needs to be made out


def curves(signal: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.uint8]:
    """(rows, columns) grey: the leads of `signal` (leads, samples), in small pictures the first ones that find room.

    All leads have one scale: from the least to the greatest of all their 0.1st to 99.9th percentiles, each around its
    own median. In each column a line goes from the least to the greatest sample that lie there.
    """
    shown = signal[: max(1, min(MOST_LEADS, len(signal), rows // _TALL))]
    picture = np.full((rows, columns), _PAPER, np.uint8)
    tall = rows // len(shown)
    for place, lead in enumerate(_far_down(shown)):
        top = place * tall
        if place:
            picture[top] = _LINE
        _draw(picture[top + 1 : top + tall - 1], lead)
    return picture


def curve_each(signal: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.uint8]:
    """(leads, rows, columns) grey: a picture of its own for each lead of `signal` (leads, samples), on one scale."""
    pictures = np.full((len(signal), rows, columns), _PAPER, np.uint8)
    for picture, lead in zip(pictures, _far_down(signal), strict=True):
        _draw(picture[1:-1], lead)
    return pictures


def _far_down(signal: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far down in its picture each sample lies (0 to 1), on the one scale of all leads."""
    values = np.nan_to_num(signal.astype(np.float64), posinf=0.0, neginf=0.0)
    values -= np.median(values, axis=1, keepdims=True)
    low, high = np.percentile(values, (0.1, 99.9)) if values.size else (0.0, 0.0)
    if high <= low:
        low, high = float(values.min(initial=0.0)) - 1, float(values.max(initial=0.0)) + 1
    return (high - values) / (high - low)


def _draw(room: NDArray[np.uint8], down: NDArray[np.float64]) -> None:
    """Draw a curve, given as how far down each sample lies (0 to 1), without gaps from column to column."""
    rows, columns = room.shape
    at = np.clip(np.rint(down * (rows - 1)), 0, rows - 1).astype(int)
    edges = np.linspace(0, len(at), columns + 1)
    for column in range(columns):
        first, last = int(edges[column]), max(int(np.ceil(edges[column + 1])), int(edges[column]) + 1)
        some = at[max(first - 1, 0) : last]
        room[some.min() : some.max() + 1, column] = _INK
