"""Reading the sizes of layers out of a project of Neural Network Console (an INI file), for comparisons."""

from __future__ import annotations

import configparser
import math
from pathlib import Path

Size = tuple[int, int]
"""How many trained numbers a layer has, and how many values leave it."""


def layers_of(file: Path, network: str) -> list[Size]:
    """What each layer of a network without branches holds and gives, in the order of its links."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(file.read_text(encoding="utf-8-sig"))
    head = parser[f"{network}_Network_Global"]
    layers = {
        section["ID"]: section
        for section in (parser[f"{network}_Layer_{at}"] for at in range(int(head["NumLayer"])))
    }  # fmt: skip
    links = [parser[f"{network}_Link_{at}"] for at in range(int(head["NumLink"]))]
    following = {link["SourceLayerID"]: link["DestLayerID"] for link in links}
    place = next(one for one in layers if one not in following.values())
    shape: tuple[int, ...] = ()
    sizes: list[Size] = []
    while place:
        section = layers[place]
        settings = {
            section[f"Property_{at}_Name"]: section[f"Property_{at}_Value"] for at in range(int(section["NumProperty"]))
        }
        count, shape = _grown(section["Type"], settings, shape)
        sizes.append((count, math.prod(shape)))
        place = following.get(place, "")
    return sizes


def _grown(kind: str, settings: dict[str, str], shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """The trained numbers of a layer and the shape behind it."""
    bias = settings.get("WithBias") == "True"
    if kind == "Input":
        return 0, _numbers(settings["Size"])
    if kind == "Affine":
        out = _numbers(settings["OutShape"])
        return math.prod(shape) * math.prod(out) + bias * math.prod(out), out
    if kind == "Convolution":
        maps, strides = int(settings["OutMaps"]), _numbers(settings["Strides"])
        count = shape[0] * maps * math.prod(_numbers(settings["KernelShape"])) + bias * maps
        return count, (maps, *(math.ceil(side / stride) for side, stride in zip(shape[1:], strides, strict=True)))
    if kind == "BatchNormalization":
        return 2 * shape[0], shape
    if kind == "Unpooling":
        times = _numbers(settings["KernelShape"])
        return 0, (shape[0], *(side * by for side, by in zip(shape[1:], times, strict=True)))
    if kind in ("LeakyReLU", "Sigmoid", "BinaryCrossEntropy"):
        return 0, shape
    raise ValueError(f"a layer of the type {kind} is not known here")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
