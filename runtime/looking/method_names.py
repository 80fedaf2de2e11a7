"""The ways to make a map, by name, and what each shows of an image and of a signal. No torch."""

from __future__ import annotations

from typing import Literal, get_args

Method = Literal["gradcam", "occlusion", "gradients", "relevance"]
METHODS: tuple[Method, ...] = get_args(Method)
TITLES: dict[Method, str] = {
    "gradcam": "Grad-CAM",
    "occlusion": "Occlusion",
    "gradients": "Integrated gradients",
    "relevance": "Layer-wise relevance",
}
_OF_IMAGES: dict[Method, str] = {
    "gradcam": "Where the feature maps of “{node}” speak for “{target}”.",
    "occlusion": "Red: covering this place lowers the score of “{target}”; blue: it raises it. Covered with the mean.",
    "gradients": "Red: the value of this pixel speaks for “{target}”; blue: against it. Compared with a dark image.",
    "relevance": "Red: this pixel added to the score of “{target}”; blue: it took away from it.",
}
_OF_SIGNALS: dict[Method, str] = {
    "gradcam": "When the feature maps of “{node}” speak for “{target}”.",
    "occlusion": "Red: covering this stretch lowers the score of “{target}”; blue: it raises it. Covered with the mean "
    "of each lead.",
    "gradients": "Red: the values at this moment speak for “{target}”; blue: against it. Compared with the mean of "
    "each lead.",
    "relevance": "Red: this moment added to the score of “{target}”; blue: it took away from it.",
}


def shows(method: Method, signal: bool = False) -> str:
    """What a map of this method shows, with places for `target` and `node`."""
    return (_OF_SIGNALS if signal else _OF_IMAGES)[method]
