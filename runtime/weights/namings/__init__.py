"""How other programs name the layers of networks that templates here are of too. No torch."""

from __future__ import annotations

from runtime.weights.namings import (
    alexnet,
    densenet,
    googlenet,
    mobilenet,
    resnet,
    shufflenet,
    squeezenet,
    transformer,
    vgg,
)
from runtime.weights.namings.naming import OWN, Naming

__all__ = ["NAMINGS", "OWN", "Naming"]

NAMINGS: tuple[Naming, ...] = (
    OWN,
    *resnet.NAMINGS,
    *vgg.NAMINGS,
    *densenet.NAMINGS,
    *mobilenet.NAMINGS,
    *alexnet.NAMINGS,
    *squeezenet.NAMINGS,
    *googlenet.NAMINGS,
    *shufflenet.NAMINGS,
    *transformer.NAMINGS,
)
"""All that are tried, our own names first: of those that fit as well, the earlier is taken."""
