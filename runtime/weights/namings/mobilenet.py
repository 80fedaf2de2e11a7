"""MobileNetV2 as torchvision (`torchvision/models/mobilenetv2.py`) and timm (`mobilenetv2_100`) name its layers.

torchvision numbers all units in one row, “features.0” to “features.18”; timm numbers stages and the units in them.
"""

from __future__ import annotations

import re

from runtime.weights.namings.naming import Layers, Naming, numbered_units

_UNIT = re.compile(r"^stage(\d+)(?:\.(\d+))?(?:\.conv)?\.(\w+)$")
_INVERTED = {
    "expand": ("0.0", "conv_pw"), "expand_norm": ("0.1", "bn1"), "depthwise": ("1.0", "conv_dw"),
    "depthwise_norm": ("1.1", "bn2"), "project": ("2", "conv_pwl"), "project_norm": ("3", "bn3"),
}  # fmt: skip
_FIRST = {
    "depthwise": ("0.0", "conv_dw"), "depthwise_norm": ("0.1", "bn1"), "project": ("1", "conv_pw"),
    "project_norm": ("2", "bn2"),
}  # fmt: skip
_TIMM_ENDS = {"conv0": "conv_stem", "norm0": "bn1", "conv8": "conv_head", "norm8": "bn2", "classifier": "classifier"}


def _units(layers: Layers) -> dict[str, tuple[int, int, str]]:
    """Stage, number of the unit in it and name in the unit, for every layer in a unit."""
    found = {}
    for layer, numbered in numbered_units(layers).items():
        unit = _UNIT.match(numbered)
        if unit is not None:
            found[layer] = (int(unit[1]), int(unit[2] or 0), unit[3])
    return found


def _torchvision(layers: Layers) -> dict[str, str]:
    units = _units(layers)
    places = {unit: place for place, unit in enumerate(sorted({(stage, row) for stage, row, _ in units.values()}), 1)}
    found = {}
    for layer, (stage, row, name) in units.items():
        inside = (_FIRST if stage == 1 else _INVERTED).get(name)
        if inside is not None:
            found[layer] = f"features.{places[stage, row]}.conv.{inside[0]}"
    last = len(places) + 1
    ends = {"conv0": "features.0.0", "norm0": "features.0.1", "conv8": f"features.{last}.0",
            "norm8": f"features.{last}.1", "classifier": "classifier.1"}  # fmt: skip
    return found | {layer: ends[layer] for layer in layers if layer in ends}


def _timm(layers: Layers) -> dict[str, str]:
    found = {}
    for layer, (stage, row, name) in _units(layers).items():
        inside = (_FIRST if stage == 1 else _INVERTED).get(name)
        if inside is not None:
            found[layer] = f"blocks.{stage - 1}.{row}.{inside[1]}"
    return found | {layer: _TIMM_ENDS[layer] for layer in layers if layer in _TIMM_ENDS}


NAMINGS = (Naming("torchvision's MobileNetV2", _torchvision), Naming("timm's MobileNetV2", _timm))
