"""GoogLeNet as torchvision (`torchvision/models/googlenet.py`) names its layers.

Its weights were trained by another program on values from -1 to 1: torchvision brings images there behind the usual
preparation (`transform_input`), so that is what they expect. The two auxiliary heads are not part of the template.
"""

from __future__ import annotations

from runtime.weights.namings.naming import FROM_MINUS_ONE, Layers, Naming, renamed


def _theirs(layers: Layers) -> dict[str, str]:
    return renamed(layers, ((r"\.branch(\d)_(\d)\.", r".branch\1.\2."),))


_AUXILIARY = "They are heads that only help a training from the beginning; no answer needs them."

NAMINGS = (Naming("torchvision's GoogLeNet", _theirs, FROM_MINUS_ONE, ("aux1.", "aux2."), _AUXILIARY),)
