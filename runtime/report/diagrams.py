"""The boxes of the report: how cases flowed from the folder into the parts, and the drawing of the network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from runtime.data.wording import counted
from runtime.report.svg import Point, Svg, shortened

_FAMILIES = {
    "source": "#3fa7a0", "preparation": "#6a8caf", "convolution": "#4f86f7", "pooling": "#9b6dd6", "dense": "#c0628f",
    "normalization": "#5aa469", "activation": "#d98a3d", "merge": "#7f8794", "output": "#4fb286", "loss": "#d9534f",
    "metric": "#b59a2a", "optimizer": "#8b5e3c",
}  # fmt: skip
_OTHER = "#7f8794"
_BAR: Point = (230.0, 26.0)
_STEP = 40.0  # from bar to bar, downwards
_COLUMN = 260.0  # in the drawing of the window, from one bar to the one beside it
_DRAWN_STEP = 44.0
_ROWS = 26  # of one piece: a longer drawing is cut into pieces side by side
_GAP = 26.0


def flow_diagram(facts: Mapping[str, Any]) -> Markup:
    """Found, left out because, cases, parts: from top to bottom."""
    left = [f"{counted(one['files'], 'file')}: {one['reason']}" for one in facts["excluded"] or ()]
    lines = max(1, len(left))
    beside = 30.0 + 16.0 * lines
    height = 56.0 + beside + 30 + 56 + 40 + 60
    svg = Svg(680, height, "How many files were found, left out and used")
    _told(svg, (20, 10), (220, 44), [f"{counted(facts['found'], 'file')} in the folder"])
    svg.line((130, 54), (130, 54 + beside + 26), "wire")
    svg.line((130, 54 + beside / 2), (270, 54 + beside / 2), "wire")
    _told(svg, (270, 54), (400, beside), ["left out:" if left else "nothing left out", *left])
    top = 54 + beside + 26
    cases = facts["cases"]
    known = cases["patients_unknown"] < cases["cases"]
    of = f" of {counted(cases['patients'], 'patient')}" if known else ", patients not known"
    words = [f"{counted(cases['cases'], 'case')}{of}"]
    if facts["not_used"]:
        words.append(f"{facts['not_used']} of them in no part (not readable, or without a label)")
    _told(svg, (20, top), (400, 26 + 18 * len(words)), words)
    bottom = top + 26 + 18 * len(words) + 40
    for place, part in enumerate(facts["parts"]):
        middle = 120 + 220 * place
        svg.path(
            [(130, top + 26 + 18 * len(words)), (130, bottom - 20), (middle, bottom - 20), (middle, bottom)], "wire"
        )
        patients = f", {counted(part['patients'], 'patient')}" if known else ""
        text = [part["part"], f"{counted(part['cases'], 'case')}{patients}"]
        _told(svg, (middle - 100, bottom), (200, 46), text)
    return svg.markup()


def drawing(sheet: Mapping[str, Any]) -> Markup:
    """The bars of a sheet where its author put them, with names, key settings and shapes."""
    nodes: Sequence[Mapping[str, Any]] = sheet["nodes"]
    places = _places(nodes)
    columns = max((x for x, _, _ in places.values()), default=0) + 1
    pieces = max((piece for _, _, piece in places.values()), default=0) + 1
    rows = max((y for _, y, _ in places.values()), default=0) + 1
    wide = columns * (_BAR[0] + _GAP)
    svg = Svg(pieces * wide + _GAP, rows * _STEP + _GAP, f"The drawing of the network{_named(sheet)}")
    corners = {
        node_id: (_GAP / 2 + piece * wide + x * (_BAR[0] + _GAP), _GAP / 2 + y * _STEP)
        for node_id, (x, y, piece) in places.items()
    }
    names = {node["id"]: node["name"] for node in nodes}
    for source, target in sheet["wires"]:
        if places[source][2] == places[target][2]:
            _wire(svg, corners[source], corners[target])
        else:
            start = _foot(corners[source])
            svg.text((start[0] + 6, start[1] + 11), f"↓ to {shortened(names[target], 26)}", "small")
    for node in nodes:
        _bar(svg, corners[node["id"]], node)
    return svg.markup()


def _wire(svg: Svg, source: Point, target: Point) -> None:
    """Straight to the bar below; to others beside the bars in between."""
    start, end = _foot(source), (target[0] + _BAR[0] / 2, target[1])
    side, middle = source[0] + _BAR[0], source[1] + _BAR[1] / 2
    if end[1] - start[1] <= _STEP:
        svg.curve(start, end, "wire") if abs(end[0] - start[0]) > 1 else svg.line(start, end, "wire")
    elif abs(end[0] - start[0]) > 1:
        near = side if end[0] > start[0] else source[0]
        svg.path([(near, middle), (end[0], middle), end], "wire")
    else:
        out = side + min(_GAP - 8, 6 + (end[1] - start[1]) / _STEP)
        down = target[1] + _BAR[1] / 2
        svg.path([(side, middle), (out, middle), (out, down), (side, down)], "wire")


def _bar(svg: Svg, corner: Point, node: Mapping[str, Any]) -> None:
    svg.box(corner, _BAR, "bar")
    svg.box(corner, (20, _BAR[1]), "family", _FAMILIES.get(node["family"], _OTHER))
    line = corner[1] + 17
    svg.text((corner[0] + 10, line), node["letter"], "letter", "middle")
    shape = "×".join(map(str, node["shape"])) if node["shape"] else ""
    room = 31 - len(shape)
    name = shortened(node["name"], room)
    left = room - len(name) - 2
    settings = shortened(node["settings"], left) if node["settings"] and left > 3 else ""
    svg.text((corner[0] + 26, line), name, "small", faint=settings)
    svg.text((corner[0] + _BAR[0] - 6, line), shape, "faint", "end")


def _foot(corner: Point) -> Point:
    return corner[0] + _BAR[0] / 2, corner[1] + _BAR[1]


def _places(nodes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Column, row and piece of each node: the drawing on a grid, without empty columns and rows."""
    across = _ranks([node["place"][0] for node in nodes], _COLUMN / 2)
    down = _ranks([node["place"][1] for node in nodes], _DRAWN_STEP / 2)
    rows = max(down.values(), default=0) + 1
    piece = math.ceil(rows / math.ceil(rows / _ROWS))
    return {
        node["id"]: (across[node["place"][0]], down[node["place"][1]] % piece, down[node["place"][1]] // piece)
        for node in nodes
    }


def _ranks(values: Sequence[float], apart: float) -> dict[float, int]:
    """The rank of each value; values that lie closer than `apart` to the first of a rank share it."""
    ranks: dict[float, int] = {}
    first, rank = -math.inf, -1
    for value in sorted(set(values)):
        if value - first >= apart:
            first, rank = value, rank + 1
        ranks[value] = rank
    return ranks


def _told(svg: Svg, corner: Point, size: Point, lines: Sequence[str]) -> None:
    svg.box(corner, size, "told")
    for place, words in enumerate(lines):
        svg.text((corner[0] + 10, corner[1] + 20 + 16 * place), shortened(words, int(size[0] / 6)), "small")


def _named(sheet: Mapping[str, Any]) -> str:
    return f": {sheet['title']}" if sheet["title"] else ""
