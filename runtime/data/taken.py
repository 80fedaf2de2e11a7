"""What makes one case of what lies in a folder: slices, volumes, another spacing, patches round points. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Take = Literal["as found", "slices", "volumes", "neighbouring slices"]
PatchUnit = Literal["pixels", "mm"]


@dataclass(frozen=True, slots=True)
class Patch:
    """What is cut out of an image round each point of a table, where points are the cases."""

    sides: tuple[float, ...] = (32.0,)  # one number for all axes, or one for each in the order of the image's size
    unit: PatchUnit = "pixels"
    radius: float = 0.0  # how far from the middle of a finding a point still lies on it, in the same unit


@dataclass(frozen=True, slots=True)
class Point:
    """Where a case that is a patch lies in its image; `Sample.size` are then the sides of the patch in pixels."""

    at: tuple[float, ...]  # in pixels, in the order of the image's size; 0 is the middle of the first pixel
    image: tuple[int, ...]  # size of the whole image
    finding: int = -1  # which of the findings of its image it lies on, from 0; -1: none
    missed: int = 0  # findings of its image on which no point lies


@dataclass(frozen=True, slots=True)
class Taken:
    """What makes one case: the settings of a source node. `spacing` is in millimetres, () as found."""

    take: Take = "as found"
    neighbours: int = 3  # for neighbouring slices: how many are the channels of a case, an odd number
    spacing: tuple[float, ...] = ()
    patch: Patch = field(default_factory=Patch, repr=False)  # which counts only where points are the cases
    leads: tuple[str, ...] = ()  # of signals: which, in order; () those of most files
    rate_hz: float = 0.0  # of signals: to which all are brought; 0 the commonest
    stored_rate_hz: float = 0.0  # of signals: that of files which do not say theirs; 0 not known

    @property
    def plain(self) -> bool:
        """Whether every file and frame is a case as it is."""
        return self == Taken(neighbours=self.neighbours, patch=self.patch)
