"""Places for layers of files that do not say where they lay: each below what leads to it, branches side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from runtime.importing.layers import Net
from runtime.importing.sheets import in_order

_COLUMN = 7.0


def laid_out(net: Net) -> Net:
    """The network with a place for each layer: rows by the longest way from an input, columns as they come.

    A layer that only goes on from one other stays in its column; branches get columns of their own.
    """
    rows: dict[str, int] = {}
    columns: dict[str, float] = {}
    taken: Counter[tuple[int, float]] = Counter()
    for layer in in_order(net):
        before = [link.source for link in net.into(layer.id) if link.source in rows]
        row = max((rows[key] + 1 for key in before), default=0)
        column = min((columns[key] for key in before), default=0.0)
        while taken[row, column]:
            column += _COLUMN
        taken[row, column] += 1
        rows[layer.id], columns[layer.id] = row, column
    layers = {key: replace(layer, place=(columns[key], float(rows[key]))) for key, layer in net.layers.items()}
    return replace(net, layers=layers)
