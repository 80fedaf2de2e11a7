"""SqueezeNet 1.1 as torchvision (`torchvision/models/squeezenet.py`) numbers its layers, poolings too."""

from __future__ import annotations

import re

from runtime.weights.namings.naming import Layers, Naming

_ENDS = {"conv1": "features.0", "conv10": "classifier.1"}
_FIRES = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}
_LAYER = re.compile(r"^fire(\d)\.(squeeze|expand1x1|expand3x3)(?:_\d+)?$")


def _theirs(layers: Layers) -> dict[str, str]:
    found = {layer: _ENDS[layer] for layer in layers if layer in _ENDS}
    for layer in layers:
        fire = _LAYER.match(layer)
        if fire is not None and int(fire[1]) in _FIRES:
            found[layer] = f"features.{_FIRES[int(fire[1])]}.{fire[2]}"
    return found


NAMINGS = (Naming("torchvision's SqueezeNet 1.1", _theirs),)
