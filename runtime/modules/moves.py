"""What compile asks of a module that moves pixels: masks of the same source must move along."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Moves(Protocol):
    """A module that moves pixels. `together` does to the masks what it does to the image, drawn at random only once."""

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Move `image` (N, C, *spatial) and each mask (N, *spatial) alike."""
        ...
