"""How a window slides over an image in ONNX: its stride, dilation and borders, which may differ at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nodes.spec import Shape
from runtime.importing.onnx.sketch import Place, Sketch

LOWEST = -3.4e38
"""A number that is below every other: what a border of a max pooling holds."""


@dataclass(frozen=True, slots=True)
class Window:
    """One number for each axis; `near` and `far` are the borders at the beginning and the end."""

    kernel: Shape
    stride: Shape
    dilation: Shape
    near: Shape
    far: Shape

    @property
    def spans(self) -> Shape:
        """How many pixels the window covers, gaps included."""
        return tuple(apart * (side - 1) + 1 for apart, side in zip(self.dilation, self.kernel, strict=True))


def window(sketch: Sketch, spatial: Shape, kernel: Sequence[int]) -> Window:
    """The window of the step over an image of this size."""
    told = sketch.step.attributes
    count = len(spatial)
    if len(kernel) != count:
        raise sketch.refusal(f"has a window of {len(kernel)} axes for an image of {count}")
    stride = tuple(told.get("strides") or [1] * count)
    dilation = tuple(told.get("dilations") or [1] * count)
    way = Window(tuple(kernel), stride, dilation, (0,) * count, (0,) * count)
    automatic = told.get("auto_pad", "NOTSET")
    pads = tuple(told.get("pads") or [0] * (2 * count))
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        totals = [
            max(0, (-(-side // step) - 1) * step + span - side)
            for side, step, span in zip(spatial, stride, way.spans, strict=True)
        ]
        small, big = [total // 2 for total in totals], [total - total // 2 for total in totals]
        pads = tuple(small + big if automatic == "SAME_UPPER" else big + small)
    elif automatic == "VALID":
        pads = (0,) * (2 * count)
    return Window(way.kernel, stride, dilation, pads[:count], pads[count:])


def bordered(sketch: Sketch, place: Place, way: Window, value: float) -> tuple[Place, Shape]:
    """The place with an uneven border laid around it by a Pad node, and the border that is left for the layer itself.

    A border that the windows do not reach at the far end counts as even.
    """
    reached = tuple(map(_even, place.shape[1:], way.spans, way.stride, way.near, way.far))
    if all(reached):
        return place, way.near
    if any(border < 0 for border in (*way.near, *way.far)):
        raise sketch.refusal("has a border below 0")
    made = sketch.draw("pad", [place], border=list(way.near), far=list(way.far), value=value)
    return made, (0,) * len(way.near)


def _even(side: int, span: int, step: int, near: int, far: int) -> bool:
    """Whether as many windows fit with the near border on both sides."""
    return near == far or (side + 2 * near - span) // step == (side + near + far - span) // step


def named(sketch: Sketch) -> str:
    """The name of a layer: what its weights are called in the file, or the operator itself, if that is readable."""
    stem, _, last = sketch.step.input(1).rpartition(".")
    if stem and last in ("weight", "W", "kernel"):
        return stem.removeprefix("network.")
    return readable(sketch.step.name)


def readable(name: str) -> str:
    """The last part of an operator's name, "" where it is none that a person would give."""
    parts = [part for part in name.replace(":", "/").split("/") if part]
    short = parts[-2] if len(parts) > 1 and parts[-1].rstrip("_0123456789") in _OPERATORS else (parts or [""])[-1]
    return short if short and not short.isdigit() and len(short) <= 48 and not short.startswith("node_") else ""


_OPERATORS = frozenset({"Conv", "Gemm", "MatMul", "Add", "BatchNormalization", "ConvTranspose"})
