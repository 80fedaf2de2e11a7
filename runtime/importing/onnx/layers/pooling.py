"""Pooling of windows and of whole images."""

from __future__ import annotations

from nodes.spec import Shape
from runtime.graph import Json
from runtime.importing.onnx.layers.windows import LOWEST, Window, bordered, readable, window
from runtime.importing.onnx.sketch import Place, Sketch


def maximum(sketch: Sketch) -> Place:
    """MaxPool: Max pooling; an uneven or wide border is laid around by a Pad node with a very low number."""
    if len([name for name in sketch.step.outputs if name]) > 1:
        raise sketch.refusal("hands on the places of the strongest values, which Max unpooling finds by itself here")
    place = sketch.place()
    way = window(sketch, place.shape[1:], sketch.step.attributes["kernel_shape"])
    out = sketch.shape()[1:]
    wide = any(near > side // 2 for near, side in zip(way.near, way.kernel, strict=True))
    round_up = _rounds_up(place.shape[1:], way, out)
    border = way.near
    if wide or way.near != way.far:
        place, border = _padded(sketch, place, way)
    return sketch.draw(
        "max_pooling", [place], name=readable(sketch.step.name), kernel=list(way.kernel), stride=list(way.stride),
        padding="by hand", border=list(border), dilation=list(way.dilation), round_up=round_up,
    )  # fmt: skip


def average(sketch: Sketch) -> Place:
    """AveragePool: Average pooling."""
    place = sketch.place()
    told = sketch.step.attributes
    way = window(sketch, place.shape[1:], told["kernel_shape"])
    counted = bool(told.get("count_include_pad", 0))
    if any(apart != 1 for apart in way.dilation):
        raise sketch.refusal("takes means of pixels that lie apart (dilation), which Average pooling does not")
    round_up = _rounds_up(place.shape[1:], way, sketch.shape()[1:])
    if counted and not round_up:
        place, border = bordered(sketch, place, way, value=0.0)
    elif way.near == way.far:
        border = way.near
    else:
        raise sketch.refusal("has borders that differ at both ends and do not count, which Average pooling has not")
    settings: dict[str, Json] = {"border": list(border), "count_border": counted, "round_up": round_up}
    return sketch.draw(
        "average_pooling", [place], None, readable(sketch.step.name), kernel=list(way.kernel),
        stride=list(way.stride), padding="by hand", **settings,
    )  # fmt: skip


def _padded(sketch: Sketch, place: Place, way: Window) -> tuple[Place, Shape]:
    made = sketch.draw("pad", [place], border=list(way.near), far=list(way.far), value=LOWEST)
    return made, (0,) * len(way.near)


def _rounds_up(spatial: Shape, way: Window, out: Shape) -> bool:
    """Whether there are more windows than fit wholly into the image and its borders."""
    return any(
        (side + near + far - span) // step + 1 < size
        for side, near, far, span, step, size in zip(
            spatial, way.near, way.far, way.spans, way.stride, out, strict=True
        )
    )


def whole_average(sketch: Sketch) -> Place:
    """GlobalAveragePool: Global average pooling that keeps the axes."""
    return sketch.draw("global_average_pooling", [sketch.place()], name=readable(sketch.step.name), keep_axes=True)


def whole_maximum(sketch: Sketch) -> Place:
    """GlobalMaxPool: Global max pooling that keeps the axes."""
    return sketch.draw("global_max_pooling", [sketch.place()], name=readable(sketch.step.name), keep_axes=True)


TABLE = {
    "MaxPool": maximum,
    "AveragePool": average,
    "GlobalAveragePool": whole_average,
    "GlobalMaxPool": whole_maximum,
}
