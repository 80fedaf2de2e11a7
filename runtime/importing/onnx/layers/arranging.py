"""Operators that arrange values anew, join them, or hand on a part of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nodes.spec import Shape
from runtime.graph import Json
from runtime.importing.onnx.layers.arithmetic import repeated
from runtime.importing.onnx.layers.dense import looked_up
from runtime.importing.onnx.program import Numbers
from runtime.importing.onnx.sketch import Place, Sketch

Draws = Callable[[Sketch], Place | Sequence[Place]]
_FILLS = {"constant": "value", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


def reshape(sketch: Sketch) -> Place:
    """Reshape, Flatten, Squeeze and Unsqueeze: Flatten or Reshape."""
    return sketch.reshaped(sketch.place(), sketch.shape())


def same(sketch: Sketch) -> Place:
    """Identity."""
    return sketch.place()


def transpose(sketch: Sketch) -> Place:
    """Transpose: Permute axes."""
    place = sketch.place()
    order = sketch.step.attributes.get("perm") or list(range(len(place.shape), -1, -1))
    if order[0] != 0:
        raise sketch.refusal("moves the axis of the batch")
    return sketch.permuted(place, [axis - 1 for axis in order[1:]])


def concatenate(sketch: Sketch) -> Place:
    """Concat: Concatenate, between two permutations where other axes than the channels are joined."""
    axis = _axis(sketch, int(sketch.step.attributes.get("axis", 1)))
    names = sketch.step.inputs
    places = [
        _learned(sketch, sketch.program.constants[name]) if name in sketch.program.constants else sketch.place(at)
        for at, name in enumerate(names)
    ]
    if len(places) == 1:
        return places[0]
    made = sketch.draw("concatenate", sketch.apart([sketch.over(place, axis) for place in places]))
    return sketch.back(made, axis)


def _learned(sketch: Sketch, numbers: Numbers) -> Place:
    """Numbers that are the same for each case, as an offset that is learned on a constant 0 (such as a class token)."""
    if numbers.ndim < 3 or not (numbers == numbers[:1]).all():
        raise sketch.refusal("joins numbers that differ from case to case")
    shape = list(numbers.shape[1:])
    empty = sketch.draw("constant", [], shape=shape, value=0.0)
    return sketch.draw("position_embedding", [empty], {"weight": numbers[:1]}, "Learned token")


def pad(sketch: Sketch) -> Place:
    """Pad: Pad."""
    pads, value, axes = sketch.whole(1), sketch.constant(2), sketch.whole(3)
    rank = len(sketch.place().shape) + 1
    named = [axis % rank for axis in axes] or list(range(rank))
    near, far = [0] * rank, [0] * rank
    for place, axis in enumerate(named):
        near[axis], far[axis] = pads[place], pads[place + len(named)]
    if any((*near[:2], *far[:2])) or rank < 3:
        raise sketch.refusal("adds a border along the channels or the batch")
    fill = _FILLS[sketch.step.attributes.get("mode", "constant")]
    made = sketch.place()
    if any(border < 0 for border in near + far):
        made = _cut(sketch, made, near, far)
        near, far = [max(0, border) for border in near], [max(0, border) for border in far]
    number = 0.0 if value is None or not value.size else float(value.flat[0])
    if not any(near + far):
        return made
    uneven: dict[str, Json] = {} if near == far else {"far": list(far[2:])}
    return sketch.draw("pad", [made], None, "", border=list(near[2:]), fill=fill, value=number, **uneven)


def _cut(sketch: Sketch, place: Place, near: list[int], far: list[int]) -> Place:
    for axis in range(2, len(near)):
        start, end = max(0, -near[axis]), max(0, -far[axis])
        place = part(sketch, place, axis - 1, start, place.shape[axis - 1] - start - end)
    return place


def part(sketch: Sketch, place: Place, axis: int, start: int, count: int) -> Place:
    """Some places of an axis (from 0, without the batch): Part of the channels where it is one of equal parts, else
    Slice."""
    size = place.shape[axis]
    if count == size:
        return place
    if axis == 0 and size % count == 0 and start % count == 0:
        return sketch.draw("channel_part", [place], parts=size // count, part=start // count + 1)
    return sketch.draw("slice", [place], axis=axis + 1, start=start + 1, count=count)


def slices(sketch: Sketch) -> Place:
    """Slice: Crop where the middle is kept, else Slice along each axis."""
    place = sketch.place()
    starts, ends = sketch.whole(1), sketch.whole(2)
    axes = sketch.whole(3) or tuple(range(len(starts)))
    steps = sketch.whole(4) or (1,) * len(starts)
    if any(step != 1 for step in steps):
        raise sketch.refusal("skips values or turns them round (a step other than 1)")
    wanted: dict[int, tuple[int, int]] = {}
    for axis, start, end in zip(axes, starts, ends, strict=True):
        whole = axis % (len(place.shape) + 1) - 1
        if whole < 0:
            if _range(sketch.program.batch, start, end) != (0, sketch.program.batch):
                raise sketch.refusal("takes single cases out of a batch")
            continue
        wanted[whole] = _range(place.shape[whole], start, end)
    if _is_middle(place.shape, wanted):
        sides = [wanted.get(axis, (0, side))[1] for axis, side in enumerate(place.shape)][1:]
        return place if tuple(sides) == place.shape[1:] else sketch.draw("crop", [place], size=list(sides))
    for axis, (first, count) in wanted.items():
        place = part(sketch, place, axis, first, count)
    return place


def _range(size: int, start: int, end: int) -> tuple[int, int]:
    first, last, _ = slice(start, end).indices(size)
    return first, max(0, last - first)


def _is_middle(shape: Shape, wanted: dict[int, tuple[int, int]]) -> bool:
    return 0 not in wanted and len(shape) > 1 and all(
        start == (shape[axis] - count) // 2 for axis, (start, count) in wanted.items()
    )  # fmt: skip


def split(sketch: Sketch) -> list[Place]:
    """Split: a part for each output."""
    place = sketch.place()
    axis = _axis(sketch, int(sketch.step.attributes.get("axis", 0)))
    start, made = 0, []
    for name in sketch.step.outputs:
        count = sketch.program.shapes[name][axis + 1]
        made.append(part(sketch, place, axis, start, count))
        start += count
    return made


def gather(sketch: Sketch) -> Place:
    """Gather: Embedding where a constant is looked up, else a part of an axis."""
    table = sketch.program.constants.get(sketch.step.input(0))
    if table is not None:
        return looked_up(sketch, table)
    index = sketch.numbers(1)
    place = sketch.place()
    axis = _axis(sketch, int(sketch.step.attributes.get("axis", 0)))
    chosen = [int(number) % place.shape[axis] for number in index.flat]
    if index.ndim > 1 or chosen != list(range(chosen[0], chosen[0] + len(chosen))):
        raise sketch.refusal("picks values that do not follow each other")
    kept = part(sketch, place, axis, chosen[0], len(chosen))
    return sketch.reshaped(kept, sketch.shape())


def expand(sketch: Sketch) -> Place:
    """Expand: single pixels repeated over an image."""
    place, shape = sketch.place(), sketch.shape()
    return repeated(sketch, sketch.reshaped(place, (*[1] * (len(shape) - len(place.shape)), *place.shape)), shape)


def shuffle(sketch: Sketch) -> Place:
    """Channels of groups laid between each other."""
    return sketch.draw("channel_shuffle", [sketch.place()], groups=int(sketch.step.attributes["groups"]))


def to_space(sketch: Sketch) -> Place:
    """DepthToSpace: Pixel shuffle, with the channels permuted before where they lie in the other order (DCR)."""
    told, place = sketch.step.attributes, sketch.place()
    factor = int(told["blocksize"])
    if told.get("mode", "DCR") == "DCR":
        channels = place.shape[0] // factor**2
        place = sketch.draw("channel_shuffle", [place], groups=factor**2) if channels > 1 else place
    return sketch.draw("pixel_shuffle", [place], factor=factor)


def to_depth(sketch: Sketch) -> Place:
    """SpaceToDepth: Pixel unshuffle, with the channels permuted behind it where the file has them in another order."""
    told, place = sketch.step.attributes, sketch.place()
    made = sketch.draw("pixel_unshuffle", [place], factor=int(told["blocksize"]))
    other = told.get("mode", "DCR") == "DCR" and place.shape[0] > 1
    return sketch.draw("channel_shuffle", [made], groups=place.shape[0]) if other else made


def _axis(sketch: Sketch, axis: int) -> int:
    """An axis without the batch. Raises ImportRefused for the batch itself."""
    found = axis % len(sketch.program.shapes[sketch.step.outputs[0]]) - 1
    if found < 0:
        raise sketch.refusal("works along the axis of the batch")
    return found


def patches(sketch: Sketch) -> Place:
    """Images cut into windows that overlap; which share of them lay on the foreground in training, no file says."""
    return sketch.draw("patches", [sketch.place()], size=list(sketch.step.attributes["size"]))


def stitch(sketch: Sketch) -> Place:
    """The answers for windows put together."""
    return sketch.draw("stitch", [sketch.place(), sketch.place(1)])


TABLE: dict[str, Draws] = {
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), reshape),
    "Identity": same,
    "Transpose": transpose,
    "Concat": concatenate,
    "Pad": pad,
    "Slice": slices,
    "Split": split,
    "Gather": gather,
    "Expand": expand,
    "ChannelShuffle": shuffle,
    "DepthToSpace": to_space,
    "SpaceToDepth": to_depth,
    "Patches": patches,
    "Stitch": stitch,
}
