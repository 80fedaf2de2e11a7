"""Convolutions and their reverse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.graph import Json
from runtime.importing.onnx.layers.windows import bordered, named, window
from runtime.importing.onnx.program import Numbers
from runtime.importing.onnx.sketch import Place, Sketch


def convolution(sketch: Sketch) -> Place:
    """Conv: Convolution, or Depthwise convolution where every channel goes by itself."""
    place, weights = sketch.place(), sketch.numbers(1)
    step = sketch.step
    groups = int(step.attributes.get("group", 1))
    way = window(sketch, place.shape[1:], weights.shape[2:])
    place, border = bordered(sketch, place, way, value=0.0)
    settings: dict[str, Json] = {
        "kernel": list(weights.shape[2:]), "stride": list(way.stride), "dilation": list(way.dilation),
        "padding": "by hand", "border": list(border), "bias": bool(step.input(2)),
    }  # fmt: skip
    own = trained(sketch, weights)
    name = named(sketch)
    if groups > 1 and groups == place.shape[0]:
        settings["multiplier"] = weights.shape[0] // groups
        return sketch.draw("depthwise_convolution", [place], own, name, **settings)
    settings |= {"filters": weights.shape[0], "groups": groups}
    return sketch.draw("convolution", [place], own, name, **settings)


def transposed(sketch: Sketch) -> Place:
    """ConvTranspose: Transposed convolution, with a Slice behind it where the edges are cut off unevenly."""
    place, weights = sketch.place(), sketch.numbers(1)
    told = sketch.step.attributes
    groups = int(told.get("group", 1))
    kernel = weights.shape[2:]
    count = len(kernel)
    stride = told.get("strides") or [1] * count
    dilation = told.get("dilations") or [1] * count
    out = sketch.shape()[1:]
    full = [
        (side - 1) * step + spread * (size - 1) + 1
        for side, step, spread, size in zip(place.shape[1:], stride, dilation, kernel, strict=True)
    ]
    reach = [max(pair) for pair in zip(stride, dilation, strict=True)]
    starts = _starts(sketch, full, out)
    edges = list(map(_edge, full, out, starts, reach))
    settings: dict[str, Json] = {
        "filters": weights.shape[1] * groups, "kernel": list(kernel), "stride": list(stride),
        "dilation": list(dilation), "groups": groups, "padding": "by hand", "border": [near for near, _ in edges],
        "extra": [more for _, more in edges], "bias": bool(sketch.step.input(2)),
    }  # fmt: skip
    made = sketch.draw("transposed_convolution", [place], trained(sketch, weights), named(sketch), **settings)
    for axis, (start, size, (near, _)) in enumerate(zip(starts, out, edges, strict=True), start=1):
        if made.shape[axis] != size:
            made = sketch.draw("slice", [made], axis=axis + 1, start=start - near + 1, count=size)
    return made


def _starts(sketch: Sketch, full: Sequence[int], out: Sequence[int]) -> list[int]:
    """Of each axis, how many pixels are cut off at its beginning."""
    told = sketch.step.attributes
    automatic = told.get("auto_pad", "NOTSET")
    if not told.get("output_shape") and not automatic.startswith("SAME"):
        return list((told.get("pads") or [0] * (2 * len(full)))[: len(full)])
    extra = told.get("output_padding") or [0] * len(full)
    totals = [max(0, whole + more - size) for whole, more, size in zip(full, extra, out, strict=True)]
    return [total // 2 if automatic == "SAME_UPPER" else total - total // 2 for total in totals]


def _edge(whole: int, size: int, start: int, reach: int) -> tuple[int, int]:
    """The border that is cut off at both ends, and what is added at the far one, so that little is left to cut."""
    end = whole - size - start  # what is cut off at the far end; below 0: added
    if 0 <= start - end < reach:
        return start, start - end
    if start < end:
        return start, 0
    near = max(0, end)
    return near, near - end


def trained(sketch: Sketch, weights: Numbers) -> dict[str, Numbers]:
    """Weights, and the offset at input 2 where there is one."""
    offset = sketch.constant(2)
    return {"weight": weights} if offset is None else {"weight": weights, "bias": np.asarray(offset).reshape(-1)}


TABLE = {"Conv": convolution, "ConvTranspose": transposed}
