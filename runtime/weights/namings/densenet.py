"""DenseNet as torchvision (`torchvision/models/densenet.py`) and timm (`timm/models/densenet.py`) name its layers.

The files that torchvision offers are older than its names: they say “norm.1” and “conv.2” for “norm1” and “conv2”.
"""

from __future__ import annotations

import re
from functools import partial

from runtime.weights.namings.naming import Layers, Naming

_LAYER = re.compile(r"^(denseblock\d+)\.(\d+)\.(\w+)$")


def _theirs(layers: Layers, older: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for layer in layers:
        inside = _LAYER.match(layer)
        if inside is not None:
            block, number, name = inside.groups()
            name = re.sub(r"^(norm|conv)(\d)$", r"\1.\2", name) if older else name
            found[layer] = f"features.{block}.denselayer{int(number) + 1}.{name}"
        else:
            found[layer] = layer if layer == "classifier" else f"features.{layer}"
    return found


NAMINGS = (
    Naming("the DenseNet of torchvision and timm", partial(_theirs, older=False)),
    Naming("torchvision's DenseNet in its older files", partial(_theirs, older=True)),
)
