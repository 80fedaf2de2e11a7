"""ResNet as torchvision (`torchvision/models/resnet.py`) and timm (`timm/models/resnet.py`) name its layers alike.

SE-ResNet is that of timm (`seresnet50`), whose units have “se” where ours have “se_module”. The older
`legacy_seresnet50` has its strides in other convolutions, so its weights would give other answers.
"""

from __future__ import annotations

from runtime.weights.namings.naming import Layers, Naming, numbered_units, renamed

_RULES = (
    (r"^(layer\d+)\.(?!\d)", r"\1.0."),  # a stage of one unit
    (r"\.downsample_(\d)$", r".downsample.\1"),
    (r"\.se_module\.", r".se."),
)


def _theirs(layers: Layers) -> dict[str, str]:
    numbered = numbered_units(layers)
    changed = renamed(list(numbered.values()), _RULES)
    return {layer: changed[name] for layer, name in numbered.items()}


NAMINGS = (Naming("the ResNet of torchvision and timm", _theirs),)
