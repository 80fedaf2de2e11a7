"""Short names for the layers that templates are drawn with."""

from __future__ import annotations

from runtime.graph import Json

from .board import Layer

Number = int | str
"""A number, or an expression of arguments such as "=2*width"."""


def times(number: int, width: int, name: str = "width") -> str:
    """An expression that gives this number where the argument has the value `width`, and changes in proportion."""
    whole, rest = divmod(number, width)
    if rest:
        return f"={number}*{name}//{width}"
    return f"={name}" if whole == 1 else f"={whole}*{name}"


def conv(name: str, filters: Number, kernel: Number = 3, stride: Number = 1, **rest: Json) -> Layer:
    """A convolution whose border keeps the size, or divides it by the stride; without offset unless asked for."""
    settings: dict[str, Json] = {"filters": filters, "kernel": kernel}
    if stride != 1:
        settings["stride"] = stride
    return Layer("convolution", name, {**settings, "bias": False, **rest})


def depthwise(name: str, kernel: Number = 3, stride: Number = 1) -> Layer:
    """A depthwise convolution without offset."""
    return Layer("depthwise_convolution", name, {"kernel": kernel, "stride": stride, "bias": False})


def norm(name: str, **settings: Json) -> Layer:
    """A batch normalisation."""
    return Layer("batch_normalization", name, settings)


def relu(name: str = "relu") -> Layer:
    """A ReLU."""
    return Layer("relu", name)


def max_pool(name: str = "maxpool", kernel: int = 2, stride: int = 2, **rest: Json) -> Layer:
    """A max pooling with whole windows unless told otherwise."""
    usual = (kernel, stride) == (2, 2)
    return Layer("max_pooling", name, rest if usual else {"kernel": kernel, "stride": stride, **rest})


def mean(name: str = "avgpool") -> Layer:
    """The mean of each channel."""
    return Layer("global_average_pooling", name)


def flatten(name: str = "flatten") -> Layer:
    """All values as one list."""
    return Layer("flatten", name)


def dense(name: str, units: Number) -> Layer:
    """A dense layer."""
    return Layer("dense", name, {"units": units})


def dropout(name: str = "dropout", rate: float = 0.5) -> Layer:
    """A dropout."""
    return Layer("dropout", name, {"rate": rate})
