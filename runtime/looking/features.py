"""What a node sees in a case, channel by channel, and the kernels that it learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from runtime.data.curves import curve_each
from runtime.data.one_case import CaseReader, Wanted
from runtime.data.thumbnail import SIDE, value_range
from runtime.errors import RunError
from runtime.looking.flat_kernels import flat_kernels
from runtime.looking.naming import node_called
from runtime.looking.record import Record
from runtime.looking.walk import Walk, data_source
from runtime.runs import Run
from runtime.trained import load_trained

FEATURES, KERNELS = "features", "kernels"
_MOST = 256  # channels, and kernels, that are written
_CELL, _GAP = 64, 4  # pixels of a sheet
_CURVE = (SIDE, SIDE)  # rows and columns of a channel of a signal


def feature_maps(run: Run, wanted: Wanted, node: str, data: Path | None = None) -> Record:
    """What leaves a node for one case of the run's own data, or of the folder `data`.

    Array `maps` uint8 (channels, rows, columns), 0 and 255 at the facts `low` and `high`, of volumes one slice, of
    signals the curve of each channel; or `values` float32 (numbers,) where the node gives no pictures. Raises RunError.
    """
    trained = load_trained(run)
    analysis = trained.analysis
    node_id = node_called(analysis, node)
    source = data_source(analysis, node_id)
    case = CaseReader(analysis, data).read(source, wanted)
    feeds = {source: torch.from_numpy(case.image)[None].float()}
    found = Walk(analysis, trained.network, node_id).output(feeds, node_id)[0].float().numpy()
    facts: dict[str, Any] = {
        "case": case.key, "number": case.number, "cases": case.cases, "node": analysis.title(node_id), "id": node_id,
        "shape": list(found.shape), "channels": len(found), "shown": min(len(found), _MOST),
    }  # fmt: skip
    if case.image.ndim == 2 and found.ndim == 2 and found.shape[1] > 1:
        low, high = value_range(found)
        return Record(FEATURES, {**facts, "low": low, "high": high}, {"maps": curve_each(found[:_MOST], *_CURVE)})
    if found.ndim < 3:
        return Record(FEATURES, facts, {"values": found.reshape(len(found), -1).mean(1).astype(np.float32)})
    if found.ndim == 4:
        at = int(np.abs(found - found.mean()).sum(axis=(0, 2, 3)).argmax())
        facts["slice"] = at
        found = found[:, at]
    low, high = value_range(found)
    facts |= {"low": low, "high": high}
    return Record(FEATURES, facts, {"maps": _bytes(found[:_MOST], low, high)})


def kernels(run: Run, node: str) -> Record:
    """The learned kernels of a convolution: array `kernels` float32 (kernels, input channels, *window), with `largest`,
    the largest strength, among the facts. Raises RunError for a node that has none."""
    trained = load_trained(run)
    node_id = node_called(trained.analysis, node)
    module = trained.network.module_of(node_id)
    weight = getattr(module, "weight", None)
    if not isinstance(weight, torch.Tensor) or weight.dim() < 3:
        raise RunError(f"“{trained.analysis.title(node_id)}” has no kernels; choose a convolution.", node_id)
    found = weight.detach().float()
    if isinstance(module, torch.nn.ConvTranspose1d | torch.nn.ConvTranspose2d | torch.nn.ConvTranspose3d):
        found = found.transpose(0, 1)
    own = found[:_MOST, :_MOST].numpy().astype(np.float32)
    facts = {
        "node": trained.analysis.title(node_id), "id": node_id, "shape": list(found.shape),
        "shown": len(own), "largest": float(np.abs(own).max()),
    }  # fmt: skip
    return Record(KERNELS, facts, {"kernels": own})


def sheet(record: Record) -> Image.Image:
    """All feature maps, or all kernels (mean over input channels, middle slice), as one picture in rows."""
    if "values" in record.arrays:
        raise RunError(f"“{record.facts['node']}” gives numbers, not pictures; write them to a .json or .npz file.")
    if record.kind == FEATURES:
        cells = record.arrays["maps"]
    else:
        top = float(record.facts["largest"])
        cells = _bytes(flat_kernels(record), -top, top)
    across = max(1, min(16, int(np.ceil(np.sqrt(len(cells))))))
    down = -(-len(cells) // across)
    step = _CELL + _GAP
    made = Image.new("L", (across * step + _GAP, down * step + _GAP), 255)
    for number, cell in enumerate(cells):
        scale = _CELL / max(cell.shape)
        size = max(1, round(cell.shape[1] * scale)), max(1, round(cell.shape[0] * scale))
        place = _GAP + number % across * step, _GAP + number // across * step
        made.paste(Image.fromarray(cell).resize(size, Image.Resampling.NEAREST), place)
    return made


def _bytes(found: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Each picture at most as large as a thumbnail, 0 at `low` and 255 at `high`."""
    grey = (np.clip((found - low) / max(high - low, 1e-12), 0, 1) * 255 + 0.5).astype(np.uint8)
    scale = min(1.0, SIDE / max(grey.shape[1:]))
    if scale == 1.0:
        return grey
    size = max(1, round(grey.shape[2] * scale)), max(1, round(grey.shape[1] * scale))
    return np.stack([np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BOX)) for one in grey])
