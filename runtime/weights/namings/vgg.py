"""VGG as torchvision (`torchvision/models/vgg.py`) and timm (`timm/models/vgg.py`) name its layers.

Both number convolutions, normalisations, activations and poolings in one row, “features.0” and so on. timm keeps the
first two dense layers as convolutions of 7×7 and 1×1 windows, whose numbers are the same in the same order.
"""

from __future__ import annotations

import re
from functools import partial

from runtime.weights.namings.naming import Layers, Naming

_UNIT = re.compile(r"^stage(\d+)(?:\.(\d+))?\.(\w+)$")
_TORCHVISION = {"fc6": "classifier.0", "fc7": "classifier.3", "fc8": "classifier.6"}
_TIMM = {"fc6": "pre_logits.fc1", "fc7": "pre_logits.fc2", "fc8": "head.fc"}


def _theirs(layers: Layers, dense: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    place, before, inside = -1, None, ""
    for layer in layers:
        unit = _UNIT.match(layer)
        if unit is None:
            continue
        stage, number, name = unit.groups()
        if name == "conv":
            # A ReLU lies between two convolutions, behind a normalisation where there is one, and a pooling at the end.
            place += 1 if before is None else 3 if before != stage else 2
            before, inside = stage, f"{stage}.{number}"
        elif f"{stage}.{number}" == inside:  # the batch normalisation of this unit
            place += 1
        else:
            continue
        found[layer] = f"features.{place}"
    return found | {layer: dense[layer] for layer in layers if layer in dense}


NAMINGS = (
    Naming("torchvision's VGG", partial(_theirs, dense=_TORCHVISION)),
    Naming("timm's VGG", partial(_theirs, dense=_TIMM)),
)
