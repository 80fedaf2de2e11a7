"""The arithmetic that shape rules share: windows that slide over an image, divisions, and sizes no machine can hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from nodes.spec import HouseRule, Shape, Size, Unfit, axes, spelled

Padding = Literal["same", "valid", "by hand"]
"""What happens at the edge: keep the size, use whole windows only, or a border given in pixels."""

MOST_PARAMETERS = 2**31
MOST_VALUES = 2**33


@dataclass(frozen=True, slots=True)
class Slide:
    """A window's way over an image, one number for each axis; `extra` is a transposed convolution's output padding."""

    kernel: Shape
    stride: Shape
    dilation: Shape
    border: Shape
    output: Shape
    extra: Shape = ()


def slide(
    spatial: Shape,
    kernel: Size,
    stride: Size,
    padding: Padding,
    border: Size,
    dilation: Size = 1,
    *,
    round_up: bool = False,
) -> Slide:
    """A window sliding over `spatial` (rows, columns, …). Padding "same" gives ceil(size / stride) on each axis.

    Raises Unfit where the window does not fit into the image and its border.
    """
    windows, steps, spreads = (_spelled_out(spatial, *pair) for pair in _named(kernel, stride, dilation))
    spans = tuple(spread * (window - 1) + 1 for window, spread in zip(windows, spreads, strict=True))
    borders = _borders(spatial, spans, steps, padding, border)
    output = tuple(
        _places(size + 2 * edge - span, step, size + edge, round_up)
        for size, edge, span, step in zip(spatial, borders, spans, steps, strict=True)
    )
    if min(output) < 1:
        raise Unfit(_too_big(spatial, windows, spans, borders, padding), "kernel")
    return Slide(windows, steps, spreads, borders, output)


def spread(
    spatial: Shape, kernel: Size, stride: Size, padding: Padding, border: Size, extra: Size, dilation: Size = 1
) -> Slide:
    """A window that a transposed convolution lays down; padding "same" gives size × stride on each axis."""
    windows, steps, spreads = (_spelled_out(spatial, *pair) for pair in _named(kernel, stride, dilation))
    spans = tuple(apart * (window - 1) + 1 for window, apart in zip(windows, spreads, strict=True))
    if padding == "same":
        borders = tuple(max(0, -(-(span - step) // 2)) for span, step in zip(spans, steps, strict=True))
        extras = tuple(2 * edge - span + step for edge, span, step in zip(borders, spans, steps, strict=True))
    else:
        by_hand = padding == "by hand"
        borders = axes(border if by_hand else 0, len(spatial), "border")
        extras = axes(extra if by_hand else 0, len(spatial), "extra edge")
    _check_extras(extras, steps, spreads, padding)
    output = tuple(
        (size - 1) * step - 2 * edge + span + more
        for size, step, edge, span, more in zip(spatial, steps, borders, spans, extras, strict=True)
    )
    if min(output) < 1:
        raise Unfit(
            f"Of {spelled(spatial)} pixels nothing is left inside a border of {spelled(borders)}; use a smaller one.",
            "border",
        )
    return Slide(windows, steps, spreads, borders, output, extras)


def divided(count: int, parts: int, what: str, field: str) -> int:
    """`count` shared out evenly; raises Unfit, with the numbers of parts that fit."""
    if count % parts:
        fits = [str(number) for number in range(1, min(count, 1024) + 1) if count % number == 0]
        shown = ", ".join(fits if len(fits) <= 8 else [*fits[:7], "…"])
        raise Unfit(f"{count} {what} cannot be shared out evenly to {parts} groups; {shown} would fit.", field)
    return count // parts


def sensible(shape: Shape, parameters: int = 0) -> Shape:
    """The shape itself; raises Unfit when it, or a node with so many trained numbers, is beyond any machine."""
    if math.prod(shape) > MOST_VALUES:
        raise HouseRule(
            f"The result would be {spelled(shape)}: {math.prod(shape):,} numbers for one image, more than a machine "
            "can hold; use smaller settings or a smaller image."
        )
    if parameters > MOST_PARAMETERS:
        raise HouseRule(
            f"The node would have {parameters:,} trained numbers, more than a machine can train; use smaller settings, "
            "or make the image smaller before it (pooling, stride)."
        )
    return shape


def more_than_one(values: int, what: str) -> None:
    """Refuse to normalise a single value: whatever it is, the result is zero, and all information is lost."""
    if values < 2:
        raise HouseRule(
            f"{what} holds one value, and one value alone always becomes zero; use Batch normalisation, "
            "fewer groups, or put this node where the image is bigger."
        )


def _named(kernel: Size, stride: Size, dilation: Size) -> tuple[tuple[Size, str], ...]:
    return (kernel, "kernel"), (stride, "stride"), (dilation, "dilation")


def _spelled_out(spatial: Shape, size: Size, field: str) -> Shape:
    return axes(size, len(spatial), field)


def _places(room: int, step: int, end: int, round_up: bool) -> int:
    """How many windows fit in. Rounded up, the last may stand over the far edge, but not begin there."""
    count = (room + (step - 1 if round_up else 0)) // step + 1
    return count - 1 if round_up and (count - 1) * step >= end else count


def _borders(spatial: Shape, spans: Shape, steps: Shape, padding: Padding, border: Size) -> Shape:
    if padding == "valid":
        return (0,) * len(spatial)
    if padding == "by hand":
        return axes(border, len(spatial), "border")
    return tuple(map(_same_border, spatial, spans, steps))


def _same_border(size: int, span: int, step: int) -> int:
    """The border on each side with which `size` becomes ceil(size / step); torch itself refuses strides above 1."""
    wanted = -(-size // step)
    for border in ((span - 1) // 2, span // 2):
        if (size + 2 * border - span) // step + 1 == wanted:
            return border
    raise Unfit(
        f"Padding 'same' needs a window with a middle pixel when the stride is 1; one of {span} pixels came; "
        f"use {span - 1} or {span + 1}, or padding 'by hand'.",
        "kernel",
    )


def _too_big(spatial: Shape, windows: Shape, spans: Shape, borders: Shape, padding: Padding) -> str:
    came = f"A {spelled(windows)} window"
    if spans != windows:
        came += f", spread over {spelled(spans)} pixels by its dilation,"
    edge = f" with a border of {spelled(borders)}" if any(borders) else ""
    way = "use a smaller window or a wider border" if padding == "by hand" else "use a smaller window or padding 'same'"
    return f"{came} does not fit a {spelled(spatial)} image{edge}; {way}."


def _check_extras(extras: Shape, steps: Shape, spreads: Shape, padding: Padding) -> None:
    if all(extra < max(pair) for extra, *pair in zip(extras, steps, spreads, strict=True)):
        return
    if padding == "same":
        raise Unfit(
            "Padding 'same' needs a window with a middle pixel when the stride is 1; use an odd one such as 3.",
            "kernel",
        )
    raise Unfit(
        f"The extra edge {spelled(extras)} must be smaller than the stride {spelled(steps)} "
        f"(or the dilation {spelled(spreads)}); use 0, or a smaller number.",
        "extra",
    )
