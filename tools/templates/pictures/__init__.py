"""The picture of the idea of each template: what is special about it, with its own numbers."""

from __future__ import annotations

from . import images, outlines, plain, units
from .paper import Draw, Paper

_PICTURES: dict[str, Draw] = {**plain.PICTURES, **units.PICTURES, **outlines.PICTURES, **images.PICTURES}


def picture_of(name: str) -> tuple[str, ...]:
    """The lines of a template's picture (see runtime.idea)."""
    paper = Paper()
    _PICTURES[name](paper)
    return tuple(paper.lines)
