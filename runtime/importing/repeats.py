"""What a foreign network repeats becomes a network of its own, used as a unit so many times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from runtime.importing.imported import ImportRefused
from runtime.importing.layers import UNIT, Layer, Link, Net

REPEAT = "Repeat"
"""The setting of a unit that says how often it follows itself."""


def with_repeats_as_units(net: Net) -> tuple[Net, dict[str, Net]]:
    """The network with a unit in the place of everything between RepeatStart and RepeatEnd, and the units' networks.

    Repeats may lie in each other; the inner ones are taken first. Raises ImportRefused for one without an end.
    """
    units: dict[str, Net] = {}
    starts = [layer for layer in net.layers.values() if layer.type == "RepeatStart"]
    while starts:
        start = next((one for one in starts if not _holds_another(net, one)), None)
        if start is None:
            raise ImportRefused(f"The repeats of the network “{net.name}” lie in each other without an end.")
        net, inner = _taken_out(net, start)
        units[inner.name] = inner
        starts = [layer for layer in net.layers.values() if layer.type == "RepeatStart"]
    return net, units


def _holds_another(net: Net, start: Layer) -> bool:
    return any(net.layers[key].type == "RepeatStart" for key in _body(net, start)[0])


def _body(net: Net, start: Layer) -> tuple[set[str], str]:
    """The layers between a RepeatStart and its RepeatEnd, and that end."""
    after = _reached(net, start.id, forwards=True)
    for end in (layer for layer in net.layers.values() if layer.type == "RepeatEnd" and layer.id in after):
        body = after & _reached(net, end.id, forwards=False) - {start.id, end.id}
        inner_starts = sum(net.layers[key].type == "RepeatStart" for key in body)
        inner_ends = sum(net.layers[key].type == "RepeatEnd" for key in body)
        if inner_starts == inner_ends:
            return body, end.id
    raise ImportRefused(f"The repeat “{start.name}” of the network “{net.name}” has no end.")


def _reached(net: Net, start: str, *, forwards: bool) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        for link in net.links:
            near, far = (link.source, link.target) if forwards else (link.target, link.source)
            if near == key and far not in found:
                found.add(far)
                waiting.append(far)
    return found


def _taken_out(net: Net, start: Layer) -> tuple[Net, Net]:
    body, end = _body(net, start)
    body |= _makers_inside(net, body, {start.id, end})
    name = start.name.replace("RepeatStart", "Repeated").replace("_", " ") or "Repeated"
    title = f"{net.name} {name}" if net.name not in ("", "Main") else name
    entry = Layer("entry", "Input", "input", {"Dataset": "x"}, start.place)
    outside = sorted({one.source for one in net.links if one.target in body and one.source not in body | {start.id}})
    others = {
        key: Layer(f"entry {key}", "Input", net.layers[key].name, {"Dataset": key}, start.place) for key in outside
    }
    inner_layers = {one.id: one for one in (entry, *others.values())} | {
        key: layer for key, layer in net.layers.items() if key in body
    }
    entries = {start.id: "entry", **{key: one.id for key, one in others.items()}}
    last = net.before(end)
    inner_links = tuple(
        replace(link, source=entries.get(link.source, link.source)) for link in net.links if link.target in body
    )
    out = Layer("exit", "Identity", "output", {}, net.layers[end].place)
    inner = Net(title, inner_layers | {"exit": out}, (*inner_links, Link(entries.get(last, last), "exit")))
    settings = {"Network": title, REPEAT: start.text("Times", "1"), "ParameterScope": ""}
    unit = Layer(f"repeat {start.id}", UNIT, name, settings, start.place)
    return _with_unit(net, unit, body | {start.id, end}, start.id, end, outside), inner


def _makers_inside(net: Net, body: Iterable[str], ends: set[str]) -> set[str]:
    """Layers without an entry of their own that lead into the body alone, such as a Parameter."""
    inside = set(body)
    return {
        key for key in net.layers
        if key not in inside | ends and not net.into(key) and net.out_of(key)
        and all(link.target in inside for link in net.out_of(key)) and net.layers[key].type != "Input"
    }  # fmt: skip


def _with_unit(net: Net, unit: Layer, gone: set[str], start: str, end: str, outside: Iterable[str]) -> Net:
    layers = {key: layer for key, layer in net.layers.items() if key not in gone} | {unit.id: unit}
    links = [link for link in net.links if link.source not in gone and link.target not in gone]
    links += [Link(link.source, unit.id, 0) for link in net.into(start)]
    links += [Link(unit.id, link.target, link.pin) for link in net.out_of(end)]
    links += [Link(key, unit.id, pin) for pin, key in enumerate(outside, 1)]
    return replace(net, layers=layers, links=tuple(links))
