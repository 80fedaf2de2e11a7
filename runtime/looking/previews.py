"""What every node of a drawing gives for one case, as small pictures: with random weights, or those of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from runtime.analysis import Analysis
from runtime.compile import Network
from runtime.data.curves import curves
from runtime.data.one_case import Wanted, kept_case
from runtime.data.thumbnail import value_range
from runtime.looking.boxed import Shown, boxes_of
from runtime.looking.record import Record
from runtime.looking.walk import Walk, data_source

KIND = "look"
SIDE = 56  # pixels of a picture, which lies on black
_BARS = 32  # numbers that are drawn as bars; more become a field of grey


def look(analysis: Analysis, wanted: Wanted, network: Network | None = None, keep: Path | None = None) -> Record:
    """The pictures of all nodes that a case of the first folder reaches, in a drawing that may be unfinished.

    Array `pictures` uint8 (N, 56, 56); the fact `nodes` lists, in the same order, `id` (in the opened graph), `shape`,
    `low` and `high` (the least and the greatest value) and `trained` (see Left); `problems` says why a node gave
    nothing. What gives a box list is drawn as boxes on the image, and the fact `boxes` says how many there are with a
    probability of at least one half. `keep` is a folder in which the decoded case is held for the next call. Raises
    RunError when there is no case to show.
    """
    source = data_source(analysis)
    case = kept_case(analysis, source, wanted, keep)
    walk = Walk(analysis, network)
    nodes: list[dict[str, Any]] = []
    pictures: list[NDArray[np.uint8]] = []
    for left in walk.outputs({source: torch.from_numpy(case.image)[None].float()}):
        if nodes and nodes[-1]["id"] == left.node:
            continue  # of several ports the first is shown
        values = left.tensor[0].float().numpy()
        boxes = boxes_of(analysis, source, case.image, left)
        nodes.append({
            "id": left.node, "shape": list(values.shape), "low": _finite(values.min()), "high": _finite(values.max()),
            "trained": left.trained, "boxes": None if boxes is None else len(boxes.sides),
        })  # fmt: skip
        told = _curved(values) if case.image.ndim == 2 and values.ndim == 2 and values.shape[1] > 1 else None
        pictures.append(told if told is not None else picture_of(values) if boxes is None else _boxed(boxes))
    facts = {
        "case": case.key, "number": case.number, "cases": case.cases, "nodes": nodes, "problems": dict(walk.problems)
    }  # fmt: skip
    return Record(KIND, facts, {"pictures": np.stack(pictures)})


def picture_of(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(56, 56) of what left a node: (C, *size), of many channels the first four, of volumes the middle slice; numbers
    as bars from the least to the greatest."""
    if values.ndim == 1:
        return _square(_bars(values)) if len(values) <= _BARS else _square(_grey(_field(values)))
    if values.ndim == 2:
        return _square(_grey(values))
    flat = values[:, values.shape[1] // 2] if values.ndim == 4 else values
    if len(flat) < 4:
        return _square(_grey(flat.mean(axis=0) if len(flat) == 3 else flat[0]))
    four = _grey(flat[:4])
    return _square(np.vstack([np.hstack(list(four[:2])), np.hstack(list(four[2:]))]))


def _curved(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The first curves of what is a signal still (channels, samples)."""
    return curves(values, SIDE, SIDE)


def _boxed(shown: Shown) -> NDArray[np.uint8]:
    """Boxes, bright on a darkened image."""
    picture = Image.fromarray(_square(_grey(shown.image)) // 2)
    scale, top, left = _placed(*shown.image.shape)
    for box in shown.sides * scale + np.array([left, top, left - 1, top - 1]):
        first_column, first_row, last_column, last_row = box.round().tolist()
        corners = (first_column, first_row, max(first_column, last_column), max(first_row, last_row))
        ImageDraw.Draw(picture).rectangle(corners, outline=255)
    return np.asarray(picture)


def _grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = value_range(values)
    share = np.nan_to_num((values - low) / max(high - low, 1e-12), nan=0.0, posinf=1.0, neginf=0.0)
    grey: NDArray[np.uint8] = (np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)
    return grey


def _field(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Many numbers in rows, about as many as columns."""
    across = int(np.ceil(np.sqrt(len(values))))
    filled = np.full(across * -(-len(values) // across), values.min(), np.float32)
    filled[: len(values)] = values
    return filled.reshape(-1, across)


def _bars(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A bar for each number, up or down from 0."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    made = np.zeros((SIDE, SIDE), np.uint8)
    rows = ((high - finite) / max(high - low, 1e-12) * (SIDE - 1)).round().astype(int)
    zero = round(high / max(high - low, 1e-12) * (SIDE - 1))
    edges = np.linspace(0, SIDE, len(values) + 1).round().astype(int)
    for number, row in enumerate(rows):
        top, bottom = sorted((int(row), zero))
        made[top : bottom + 1, edges[number] : max(edges[number] + 1, edges[number + 1] - 1)] = 230
    return made


def _square(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As large as it fits, in the middle of a black square."""
    scale, top, left = _placed(*picture.shape)
    size = _small(picture.shape[1], scale), _small(picture.shape[0], scale)
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    small = np.asarray(Image.fromarray(np.ascontiguousarray(picture)).resize(size, how))
    made = np.zeros((SIDE, SIDE), np.uint8)
    made[top : top + small.shape[0], left : left + small.shape[1]] = small
    return made


def _placed(rows: int, columns: int) -> tuple[float, int, int]:
    """How much smaller a picture is made, and its top and left in the square."""
    scale = SIDE / max(rows, columns)
    return scale, (SIDE - _small(rows, scale)) // 2, (SIDE - _small(columns, scale)) // 2


def _small(side: int, scale: float) -> int:
    return max(1, round(side * scale))


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
