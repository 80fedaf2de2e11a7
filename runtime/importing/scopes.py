"""Layers that share their weights by their scope: each row of them becomes a unit that is used several times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from runtime.importing.layers import UNIT, Layer, Link, Net

SHARED = "Shared"
"""The setting of a unit that says that all its uses have one set of weights."""

_LEARNED = frozenset({
    "Affine", "Convolution", "Deconvolution", "DepthwiseConvolution", "BatchNormalization", "PReLU",
    "BinaryConnectAffine", "BinaryConnectConvolution", "LayerNormalization", "InstanceNormalization",
})  # fmt: skip
_OF_ONE_USE = ("LRateMultiplier", "Initializer", "InitializerMultiplier", "File", "BatchStat", "ParameterScope")


def with_shared_rows(net: Net) -> tuple[Net, dict[str, Net]]:
    """The network with units in the place of rows of layers that share weights, and the networks of these units."""
    units: dict[str, Net] = {}
    while rows := _longest(net):
        net, inner = _as_units(net, rows, len(units) + 1)
        units[inner.name] = inner
    return net, units


Row = list[str]


def _longest(net: Net) -> list[Row]:
    """Rows of layers beside each other, each as long, of which the nth layers share their weights; the first found."""
    groups: dict[str, list[str]] = defaultdict(list)
    for layer in net.layers.values():
        if layer.type in _LEARNED:
            groups[layer.scope].append(layer.id)
    shared = {scope: tuple(keys) for scope, keys in groups.items() if len(keys) > 1}
    if not shared:
        return []
    group_of = {key: keys for keys in shared.values() for key in keys}
    firsts = [keys for keys in shared.values() if not _follows(net, keys, group_of)]
    rows = [[key] for key in (firsts or list(shared.values()))[0]]
    while True:
        following = [_only_next(net, row[-1]) for row in rows]
        found = [key for key in following if key]
        if len(found) != len(rows) or not _alike(net, found) or len(set(found)) != len(found):
            return rows
        if net.layers[found[0]].type in _LEARNED and set(group_of.get(found[0], ())) != set(found):
            return rows
        for row, key in zip(rows, found, strict=True):
            row.append(key)


def _follows(net: Net, keys: tuple[str, ...], group_of: dict[str, tuple[str, ...]]) -> bool:
    """Whether a group comes behind another of as many members in all its rows, perhaps with plain layers between."""
    before = [_learned_before(net, key) for key in keys]
    return all(before) and set(group_of.get(before[0], ())) == set(before) and len(set(before)) == len(keys)


def _learned_before(net: Net, key: str) -> str:
    seen: set[str] = set()
    while (key := net.before(key)) and key not in seen:
        seen.add(key)
        if net.layers[key].type in _LEARNED:
            return key
        if len(net.into(key)) != 1 or len(net.out_of(key)) != 1:
            return ""
    return ""


def _only_next(net: Net, key: str) -> str:
    links = net.out_of(key)
    if len(links) != 1 or len(net.into(links[0].target)) != 1:
        return ""
    return links[0].target


def _alike(net: Net, keys: list[str]) -> bool:
    layers = [net.layers[key] for key in keys]
    return len({(layer.type, _lasting(layer)) for layer in layers}) == 1 and layers[0].type in _ROWED


_ROWED = _LEARNED | {
    "ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "Swish", "Tanh", "Sigmoid", "MaxPooling", "AveragePooling", "Unpooling",
    "Dropout", "Reshape",
}  # fmt: skip


def _lasting(layer: Layer) -> tuple[tuple[str, str], ...]:
    """The settings that are the same for all layers which share weights."""
    kept = {name: value for name, value in layer.settings.items() if name.split(".")[-1] not in _OF_ONE_USE}
    return tuple(sorted(kept.items()))


def _as_units(net: Net, rows: list[Row], number: int) -> tuple[Net, Net]:
    title = f"Shared {number}"
    entry = Layer("entry", "Input", "input", {"Dataset": "x"}, (0.0, 0.0))
    row = rows[0]
    settled = [_freest([net.layers[row[place]] for row in rows]) for place in range(len(row))]
    layers = {one.id: replace(one, place=(0.0, float(place + 1))) for place, one in enumerate(settled)}
    keys = ["entry", *layers]
    links = tuple(Link(near, far) for near, far in pairwise(keys))
    inner = Net(title, {"entry": entry, **layers}, links)
    for row in rows:
        net = _with_use(net, row, title)
    return net, inner


def _freest(layers: list[Layer]) -> Layer:
    """Of layers that share weights: the one that learns most; others are held still in their own network only."""
    return max(layers, key=lambda layer: _pace(layer, otherwise=1.0))


def _pace(layer: Layer, otherwise: float) -> float:
    name = "gamma.LRateMultiplier" if layer.type == "BatchNormalization" else "W.LRateMultiplier"
    try:
        return float(layer.text(name) or otherwise)
    except ValueError:
        return otherwise


def _with_use(net: Net, row: Row, title: str) -> Net:
    first = net.layers[row[0]]
    learns = any(_pace(net.layers[key], 1.0) > 0 for key in row if net.layers[key].type in _LEARNED)
    settings = {"Network": title, SHARED: "True", "ParameterScope": first.scope, "Learns": str(learns)}
    use = Layer(f"use {row[0]}", UNIT, first.name, settings, first.place)
    gone = set(row)
    links = [link for link in net.links if link.source not in gone and link.target not in gone]
    links += [Link(link.source, use.id, link.pin) for link in net.into(row[0])]
    links += [Link(use.id, link.target, link.pin) for link in net.out_of(row[-1])]
    layers = {key: layer for key, layer in net.layers.items() if key not in gone} | {use.id: use}
    return replace(net, layers=layers, links=tuple(links))
