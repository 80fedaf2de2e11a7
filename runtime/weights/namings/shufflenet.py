"""ShuffleNetV2 as torchvision (`torchvision/models/shufflenetv2.py`) names its layers."""

from __future__ import annotations

from runtime.weights.namings.naming import Layers, Naming, numbered_units, renamed

_RULES = (
    (r"^conv([15])$", r"conv\1.0"),
    (r"^bn([15])$", r"conv\1.1"),
    (r"\.branch(\d)_(\d)$", r".branch\1.\2"),
)


def _theirs(layers: Layers) -> dict[str, str]:
    numbered = numbered_units(layers)
    changed = renamed(list(numbered.values()), _RULES)
    return {layer: changed[name] for layer, name in numbered.items()}


NAMINGS = (Naming("torchvision's ShuffleNetV2", _theirs),)
