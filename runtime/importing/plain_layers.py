"""Foreign layers that learn nothing: activations, pooling, merging, arithmetic, shapes, changes of training images."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.graph import Json
from runtime.importing.layers import SCALED
from runtime.importing.pieces import MAKERS, Made, Piece, as_list, as_shape, makes, plain
from runtime.importing.values import Reading, Unknown

_ALIKE: Mapping[str, str] = {
    "ReLU": "relu", "ReLU6": "relu6", "SELU": "selu", "CELU": "celu", "GELU": "gelu", "Swish": "silu", "Mish": "mish",
    "Sigmoid": "sigmoid", "LogSigmoid": "log_sigmoid", "HardSigmoid": "hard_sigmoid", "Tanh": "tanh",
    "HardTanh": "hard_tanh", "TanhShrink": "tanh_shrink", "SoftPlus": "softplus", "SoftSign": "softsign",
    "LogSoftmax": "log_softmax", "Add2": "add", "AddN": "add", "Mul2": "multiply", "MulN": "multiply",
    "Sub2": "subtract", "Maximum2": "maximum", "Minimum2": "minimum", "MaxN": "maximum", "Mean2": "average",
    "Flatten": "flatten",
}  # fmt: skip
"""Layers with a node that does the same and has no settings to take over."""

_HANDED_ON = ("Identity", "NOP", "Print", "Split")


def _alike(reading: Reading) -> Made:
    return (Piece(_ALIKE[reading.layer.type]),)


def _handed_on(reading: Reading) -> Made:
    return ()


for _kind in _ALIKE:
    MAKERS[_kind] = _alike
for _kind in _HANDED_ON:
    MAKERS[_kind] = _handed_on


@makes("LeakyReLU")
def _leaky(reading: Reading) -> Made:
    return (Piece("leaky_relu", {"slope": reading.stored("Alpha", 0.1)}),)


@makes("ELU")
def _elu(reading: Reading) -> Made:
    return (Piece("elu", {"alpha": reading.stored("Alpha", 1.0)}),)


@makes("Softmax")
def _softmax(reading: Reading) -> Made:
    if reading.whole("Axis", 0) != 0:
        raise Unknown(f"it works along axis {reading.layer.text('Axis')}, where only the channels (0) fit")
    return (Piece("softmax"),)


@makes("Dropout")
def _dropout(reading: Reading) -> Made:
    return (Piece("dropout", {"rate": reading.stored("P", 0.5)}),)


@makes("LRN")
def _local_response(reading: Reading) -> Made:
    settings: dict[str, Json] = {
        "neighbours": reading.whole("N", 5),
        "alpha": reading.number("Alpha", 1e-4),
        "beta": reading.number("Beta", 0.75),
        "base": reading.number("K", 1.0),
    }
    return (Piece("local_response_normalization", settings),)


@makes("MaxPooling", "AveragePooling", "SumPooling")
def _pooling(reading: Reading) -> Made:
    kernel = reading.sizes("KernelShape")
    whole = reading.shape is not None and kernel == reading.shape[1:]
    border = reading.sizes("Padding", (0,) * len(kernel))
    if whole and not any(border) and reading.layer.type != "SumPooling":
        kind = "global_max_pooling" if reading.layer.type == "MaxPooling" else "global_average_pooling"
        return (Piece(kind, {"keep_axes": True}),)
    settings: dict[str, Json] = {"kernel": plain(kernel), "stride": plain(reading.sizes("Strides", kernel))}
    settings |= {"padding": "by hand", "border": plain(border)} if any(border) else {}
    settings |= {} if reading.on("IgnoreBorder", True) else {"round_up": True}
    if reading.layer.type == "MaxPooling":
        return (Piece("max_pooling", settings),)
    mean = Piece("average_pooling", settings | {"count_border": reading.on("IncludingPad", True)})
    if reading.layer.type == "AveragePooling":
        return (mean,)
    values = 1
    for side in kernel:
        values *= side
    counting = Piece("average_pooling", settings | {"count_border": True})
    return (counting, Piece("scale", {"factor": float(values)}))


@makes("GlobalAveragePooling", "GlobalMaxPooling")
def _global_pooling(reading: Reading) -> Made:
    kind = "global_max_pooling" if reading.layer.type == "GlobalMaxPooling" else "global_average_pooling"
    return (Piece(kind, {"keep_axes": True}),)


@makes("Unpooling")
def _unpooling(reading: Reading) -> Made:
    return (Piece("upsample", {"factor": plain(reading.sizes("KernelShape"))}),)


@makes("Concatenate")
def _concatenate(reading: Reading) -> Made:
    if reading.whole("Axis", 0) != 0:
        raise Unknown(f"it joins along axis {reading.layer.text('Axis')}, where only the channels (0) fit")
    return (Piece("concatenate"),)


@makes("MulScalar", "AddScalar", SCALED)
def _scaled(reading: Reading) -> Made:
    """A factor and an offset. On images that nothing has changed yet they are what Normalise is for."""
    by_value = "Value" if reading.layer.type != SCALED else ""
    factor = reading.stored(by_value if reading.layer.type == "MulScalar" else "Factor", 1.0)
    offset = reading.stored(by_value if reading.layer.type == "AddScalar" else "Offset", 0.0)
    if reading.scope.untouched and isinstance(factor, int | float) and isinstance(offset, int | float) and factor:
        given: dict[str, Json] = {"mean": [round(-offset / factor, 6)], "spread": [round(1 / factor, 6)]}
        return (Piece("normalise", {"method": "mean and spread given", **given}),)
    settings: dict[str, Json] = {"factor": factor} if factor != 1 else {}
    return (Piece("scale", settings | ({"offset": offset} if offset != 0 else {})),)


@makes("PowScalar")
def _power(reading: Reading) -> Made:
    exponent = reading.stored("Value", 1.0)
    if exponent == 2:
        return (Piece("function", {"which": "square"}),)
    return (Piece("function", {"which": "power", "exponent": exponent}),)


@makes("Exp", "Log", "Abs")
def _function(reading: Reading) -> Made:
    which = {"Exp": "exponential", "Log": "logarithm", "Abs": "absolute value"}[reading.layer.type]
    return (Piece("function", {"which": which}),)


@makes("Reshape")
def _reshape(reading: Reading) -> Made:
    return as_shape(reading, "OutShape") or as_list(reading)


@makes("Transpose")
def _transpose(reading: Reading) -> Made:
    return (Piece("permute", {"order": [axis + 1 for axis in reading.sizes("Axes")]}),)


@makes("Pad")
def _pad(reading: Reading) -> Made:
    widths = reading.sizes("PadWidth")
    pairs = list(zip(widths[::2], widths[1::2], strict=False))
    if len(pairs) == len(reading.shape or ()) and pairs[0] == (0, 0):
        pairs = pairs[1:]
    if reading.scope.untouched and reading.shape is not None and len(pairs) == len(reading.shape) - 1:
        size = tuple(side + sum(pair) for side, pair in zip(reading.shape[1:], pairs, strict=True))
        note = "the image is stretched to this size, and its mask with it; nothing is added at the edges."
        return (Piece("resize", {"size": plain(size)}, note=note),)
    value = reading.number("ConstantValue", 0.0)
    fill = {"constant": "value", "reflect": "reflect"}.get(reading.word("Mode", "constant"))
    if fill is None:
        raise Unknown(f"it pads by “{reading.layer.text('Mode')}”")
    settings: dict[str, Json] = {"fill": fill, "value": value}
    if all(before == after for before, after in pairs):
        return (Piece("pad", settings | {"border": plain(tuple(before for before, _ in pairs))}),)
    raise Unknown("its border is not as wide on both sides")


@makes("Slice")
def _slice(reading: Reading) -> Made:
    """Only cuts that Crop and Part of the channels can make: the middle of the image, or equal parts of channels."""
    shape = reading.shape
    start, stop = reading.sizes("Start"), reading.sizes("Stop")
    if shape is None or len(start) != len(shape) or len(stop) != len(shape):
        raise Unknown("the size that it cuts from is not known")
    if set(reading.sizes("Step", (1,))) != {1}:
        raise Unknown("it takes every n-th pixel only")
    stop = tuple(end if end > 0 else end + side for end, side in zip(stop, shape, strict=True))
    kept = tuple(min(end, side) - first for first, end, side in zip(start, stop, shape, strict=True))
    return (*_channels(shape[0], start[0], kept[0]), *_middle(shape[1:], start[1:], kept[1:]))


def _channels(count: int, start: int, kept: int) -> Made:
    if kept == count:
        return ()
    if kept < 1 or count % kept or start % kept:
        raise Unknown(f"it takes {kept} of {count} channels from {start} on, which are no equal parts")
    return (Piece("channel_part", {"parts": count // kept, "part": start // kept + 1}),)


def _middle(shape: tuple[int, ...], start: tuple[int, ...], kept: tuple[int, ...]) -> Made:
    if kept == shape:
        return ()
    if any(part < 1 or first != (whole - part) // 2 for whole, first, part in zip(shape, start, kept, strict=True)):
        raise Unknown("it cuts something else than the middle of the image")
    return (Piece("crop", {"size": plain(kept)}),)


@makes("RandomFlip")
def _flip(reading: Reading) -> Made:
    axes = reading.sizes("Axes")
    return (_augment({"flip_horizontal": 2 in axes, "flip_vertical": 1 in axes}),)


@makes("RandomShift")
def _shift(reading: Reading) -> Made:
    if reading.shape is None or len(reading.shape) < 2:
        raise Unknown("the size of the image that it shifts is not known")
    shares = [
        100 * shift / size
        for shift, size in zip(reading.sizes("Shift")[-2:], reading.shape[1:], strict=False)
    ]  # fmt: skip
    edges = {"nearest": "repeat", "reflect": "mirror"}.get(reading.word("BorderMode", "nearest"), "fill")
    return (_augment({"shift": round(max(shares, default=0.0), 3), "probability": 1.0, "edges": edges}),)


@makes("ImageAugmentation")
def _image_augmentation(reading: Reading) -> Made:
    low, high = reading.number("MinScale", 1.0), reading.number("MaxScale", 1.0)
    zoom = min(90.0, round(100 * max(high / max(low, 1e-3) - 1, 0.0) / 2, 1))
    changes: dict[str, Json] = {
        "flip_horizontal": reading.on("FlipLR"),
        "flip_vertical": reading.on("FlipUD"),
        "rotate": min(180.0, round(reading.number("Angle") * 57.29577951308232, 2)),
        "zoom": zoom,
    }
    looks: dict[str, Json] = {
        "brightness": min(500.0, 100 * reading.number("Brightness")),
        "contrast": min(95.0, 100 * abs(reading.number("Contrast", 1.0) - 1.0)),
        "noise": min(500.0, 100 * reading.number("Noise")),
    }
    note = "images are zoomed by as much to either side, with their proportions kept; Distortion is left out."
    made: Made = (_augment(changes, note),) if any(changes.values()) else ()
    shape = reading.sizes("Shape") if reading.has("Shape") else ()
    if len(shape) == 3 and reading.shape is not None and shape[1:] != reading.shape[1:]:
        made = (Piece("resize", {"size": plain(shape[1:]), "fit": "crop"}), *made)
    return (*made, Piece("augment_intensity", looks)) if any(looks.values()) else made


def _augment(changes: Mapping[str, Json], note: str = "") -> Piece:
    """An Augment that does nothing but these changes."""
    still: dict[str, Json] = {"flip_horizontal": False, "rotate": 0.0, "shift": 0.0, "zoom": 0.0}
    return Piece("augment", still | dict(changes), note=note)
