"""Foreign layers with trained numbers: Affine, convolutions, normalisations, PReLU, and recurrent ones."""

from __future__ import annotations

from runtime.graph import Json
from runtime.importing.pieces import Made, Piece, as_list, as_shape, learning, makes, plain, product
from runtime.importing.values import Reading, Unknown

_WEIGHT_AND_OFFSET = {"weight": "W", "bias": "b"}


@makes("Affine", "BinaryConnectAffine")
def _affine(reading: Reading) -> Made:
    sizes = reading.sizes("OutShape")
    stored = reading.stored("OutShape") if len(sizes) == 1 else None
    units = stored if isinstance(stored, str) else product(sizes)
    settings: dict[str, Json] = {"units": units, "bias": reading.on("WithBias", True), **learning(reading)}
    kind = "binary_dense" if reading.layer.type.startswith("Binary") else "dense"
    return (*as_list(reading), Piece(kind, settings, _WEIGHT_AND_OFFSET), *as_shape(reading, "OutShape"))


@makes("Convolution", "BinaryConnectConvolution")
def _convolution(reading: Reading) -> Made:
    kernel = reading.sizes("KernelShape")
    settings: dict[str, Json] = {
        "filters": reading.stored("OutMaps"),
        "kernel": plain(kernel),
        **_way(reading, kernel),
        "bias": reading.on("WithBias", True),
        **learning(reading),
    }
    groups = reading.whole("Group", 1)
    if groups > 1:
        settings["groups"] = groups
    kind = "binary_convolution" if reading.layer.type.startswith("Binary") else "convolution"
    return (Piece(kind, settings, _WEIGHT_AND_OFFSET),)


@makes("DepthwiseConvolution")
def _depthwise(reading: Reading) -> Made:
    kernel = reading.sizes("KernelShape")
    settings: dict[str, Json] = {
        "multiplier": reading.whole("Multiplier", 1),
        "kernel": plain(kernel),
        **_way(reading, kernel),
        "bias": reading.on("WithBias", True),
        **learning(reading),
    }
    return (Piece("depthwise_convolution", settings, _WEIGHT_AND_OFFSET),)


@makes("Deconvolution")
def _deconvolution(reading: Reading) -> Made:
    kernel = reading.sizes("KernelShape")
    settings: dict[str, Json] = {
        "filters": reading.stored("OutMaps"),
        "kernel": plain(kernel),
        "stride": plain(reading.sizes("Strides", (1,) * len(kernel))),
        "padding": "by hand",
        "border": plain(reading.sizes("Padding", (0,) * len(kernel))),
        "bias": reading.on("WithBias", True),
        **learning(reading),
    }
    dilation, groups = reading.sizes("Dilation", (1,)), reading.whole("Group", 1)
    settings |= {"dilation": plain(dilation)} if set(dilation) != {1} else {}
    settings |= {"groups": groups} if groups > 1 else {}
    return (Piece("transposed_convolution", settings, _WEIGHT_AND_OFFSET),)


def _way(reading: Reading, kernel: tuple[int, ...]) -> dict[str, Json]:
    """Stride, edges and dilation of a convolution."""
    stride = reading.sizes("Strides", (1,) * len(kernel))
    dilation = reading.sizes("Dilation", (1,) * len(kernel))
    settings: dict[str, Json] = {"stride": plain(stride)} if set(stride) != {1} else {}
    settings |= {"dilation": plain(dilation)} if set(dilation) != {1} else {}
    border = _border(reading, kernel, dilation)
    if not any(border):
        return settings | {"padding": "valid"}
    middle = all(side % 2 for side in kernel)
    if middle and border == tuple((side - 1) // 2 * apart for side, apart in zip(kernel, dilation, strict=True)):
        return settings | {"padding": "same"}
    return settings | {"padding": "by hand", "border": plain(border)}


def _border(reading: Reading, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    if len(dilation) != len(kernel):
        raise Unknown("KernelShape and Dilation have not as many numbers")
    if reading.has("Padding") and reading.layer.text("Padding").strip() != "*ConvolutionPaddingSize":
        border = reading.sizes("Padding")
        return border if len(border) == len(kernel) else border[:1] * len(kernel)
    spans = [(side - 1) * apart for side, apart in zip(kernel, dilation, strict=True)]
    match reading.word("BorderMode", "valid"):
        case "same":
            return tuple(span // 2 for span in spans)
        case "full":
            return tuple(spans)
    return (0,) * len(kernel)


@makes("BatchNormalization")
def _batch_normalization(reading: Reading) -> Made:
    if reading.sizes("Axes", (0,)) != (0,):
        raise Unknown(f"it normalises axis {reading.layer.text('Axes')}, where only the channels (0) fit")
    factor = learning(reading, "gamma")
    settings: dict[str, Json] = {
        "momentum": round(1.0 - reading.number("DecayRate", 0.9), 9),
        "epsilon": reading.number("Epsilon", 1e-5),
        **factor,
    }
    if not (reading.on("gammaUsed", True) or reading.on("betaUsed", True)):
        settings["affine"] = False
    tensors = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "var"}
    return (Piece("batch_normalization", settings, tensors),)


@makes("LayerNormalization")
def _layer_normalization(reading: Reading) -> Made:
    settings: dict[str, Json] = {"epsilon": reading.number("Epsilon", 1e-5), **learning(reading, "gamma")}
    return (Piece("layer_normalization", settings, {"weight": "gamma", "bias": "beta"}),)


@makes("InstanceNormalization")
def _instance_normalization(reading: Reading) -> Made:
    settings: dict[str, Json] = {"epsilon": reading.number("Epsilon", 1e-5), **learning(reading, "gamma")}
    return (Piece("instance_normalization", settings, {"weight": "gamma", "bias": "beta"}),)


@makes("PReLU")
def _prelu(reading: Reading) -> Made:
    start = reading.number("slope.InitializerMultiplier", 0.25)
    settings: dict[str, Json] = {"start": min(max(start, 0.0), 1.0), **learning(reading, "slope")}
    return (Piece("prelu", settings, {"weight": "slope"}),)


@makes("RNN", "LSTM", "GRU")
def _recurrent(reading: Reading) -> Made:
    """Loops that were recognised. The steps are the axis before the last, as in rows of an image."""
    settings: dict[str, Json] = {"units": reading.whole("Units"), "gives": reading.layer.text("Gives")}
    return (*_steps_last(reading.shape), Piece(reading.layer.type.lower(), settings))


def _steps_last(shape: tuple[int, ...] | None) -> Made:
    """(1, steps, features) or (steps, features) as features × steps."""
    if shape is None or len(shape) not in (2, 3):
        raise Unknown("its steps and features are not known")
    rows: Made = (Piece("reshape", {"shape": [shape[1], shape[0] * shape[2]]}),) if len(shape) == 3 else ()
    if len(shape) == 3 and shape[0] != 1:
        rows = (Piece("permute", {"order": [2, 1, 3]}), *rows)
    return (*rows, Piece("permute", {"order": [2, 1]}))
