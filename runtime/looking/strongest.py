"""The cases that excite one channel of a node most, and where in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.errors import RunError
from runtime.looking.cases import Seen, cases_of
from runtime.looking.naming import node_called
from runtime.looking.record import Record
from runtime.looking.walk import Walk, data_source
from runtime.runs import Run
from runtime.trained import load_trained

KIND = "strongest"
SIDE = 96
MOST = 12


def strongest(run: Run, node: str, channel: int, part: Seen = "validation", most: int = MOST) -> Record:
    """The cases of a part with the largest value of a channel (from 0), the strongest first.

    Arrays: `pictures` uint8 (N, 96, 96); `values` float32 (N,), the largest value in each case; `places` float32
    (N, axes), where it lies as a share of each side (0 to 1), in the order of the image's axes. Raises RunError.
    """
    trained = load_trained(run)
    analysis = trained.analysis
    node_id = node_called(analysis, node)
    shape = analysis.facts[node_id].shape
    if shape is None:
        raise RunError(f"“{analysis.title(node_id)}” gives no channels to look at.", node_id)
    if not 0 <= channel < shape[0]:
        raise RunError(f"“{analysis.title(node_id)}” has the channels 0 to {shape[0] - 1}; {channel} is none of them.")
    source = data_source(analysis, node_id)
    cases = cases_of(run, analysis, source, part)
    walk = Walk(analysis, trained.network, node_id)
    highest, where = [], []
    for tensor in walk.batches(source, cases.cached.images, cases.indexes, node_id):
        own = tensor[:, channel].float().flatten(1)
        value, place = own.max(dim=1)
        highest.append(value.numpy())
        where.append(place.numpy())
    values, places = np.concatenate(highest), np.concatenate(where)
    order = np.argsort(-values, kind="stable")[:most]
    chosen = tuple(cases.indexes[row] for row in order)
    sides = shape[1:]
    shares = [
        (one + 0.5) / side
        for one, side in zip(np.unravel_index(places[order], sides or (1,)), sides or (1,), strict=True)
    ]
    facts = {
        "node": analysis.title(node_id), "id": node_id, "channel": channel, "part": part, "of": len(cases.indexes),
        "cases": cases.keys(chosen), "axes": len(sides), "signals": cases.cached.images[0].ndim == 2,
    }  # fmt: skip
    arrays: dict[str, NDArray[Any]] = {
        "pictures": cases.pictures(chosen, SIDE),
        "values": values[order].astype(np.float32),
        "places": np.array(shares, np.float32).reshape(len(sides), len(order)).T,
    }
    return Record(KIND, facts, arrays)
