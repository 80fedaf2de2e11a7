"""AlexNet as torchvision (`torchvision/models/alexnet.py`) numbers its layers."""

from __future__ import annotations

from runtime.weights.namings.naming import Layers, Naming

_THEIRS = {
    "conv1": "features.0", "conv2": "features.3", "conv3": "features.6", "conv4": "features.8", "conv5": "features.10",
    "fc6": "classifier.1", "fc7": "classifier.4", "fc8": "classifier.6",
}  # fmt: skip


def _theirs(layers: Layers) -> dict[str, str]:
    return {layer: _THEIRS[layer] for layer in layers if layer in _THEIRS}


NAMINGS = (Naming("torchvision's AlexNet", _theirs),)
