"""What is known of one way to name layers: how ours are called there, and how images were prepared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nodes.preparation import IMAGENET_MEAN, IMAGENET_SPREAD

Layers = Sequence[str]
"""Names of layers in the order of the network: those of a state dict without “.weight” and the like."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How images are to be brought to the numbers that weights were trained on: from 0–1, minus mean, by spread."""

    title: str
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]


IMAGENET = Expected("the mean and spread of ImageNet", IMAGENET_MEAN, IMAGENET_SPREAD)
FROM_MINUS_ONE = Expected("values from −1 to 1", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True, slots=True)
class Naming:
    """`theirs` gives for each of our layers the name in such a file; layers it does not know stay out."""

    title: str  # such as “torchvision's ResNet”; "" for our own names
    theirs: Callable[[Layers], dict[str, str]]
    expected: Expected | None = IMAGENET
    not_used: tuple[str, ...] = ()  # beginnings of names of layers that the template leaves out on purpose
    without: str = ""  # what it means for the answers that they are left out, one sentence


def renamed(layers: Layers, rules: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each layer as the rules make it, all of them in order; a rule is a regular expression and its replacement."""
    found = {}
    for layer in layers:
        name = layer
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        found[layer] = name
    return found


def numbered_units(layers: Layers) -> dict[str, str]:
    """Layers in stages of a first unit and more of them, as “stage.first.x” and “stage.more.1.x”, with the unit's
    number from 0 on: “stage.0.x”, “stage.2.x”.
    """

    def of_unit(found: re.Match[str]) -> str:
        if found["first"]:
            return f".0{found['end']}"
        return f".{int(found['number'] or 0) + 1}{found['end']}"

    unit = re.compile(r"\.(?:(?P<first>first)|more(?:\.(?P<number>\d+))?)(?P<end>\.)")
    return {layer: unit.sub(of_unit, layer, count=1) for layer in layers}


OWN = Naming("", lambda layers: {layer: layer for layer in layers}, None)
