"""What compile asks of a module that moves pixels: masks and boxes of the same source must move along."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Moves(Protocol):
    """A module that moves pixels. `along` does to masks and boxes what it does to the image, drawn at random only once;
    `together` does so where there are no boxes."""

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Move `image` (N, C, *spatial) and each mask (N, *spatial) alike."""
        ...

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`, with boxes (N, M, 5): class (-1: none), left, top, right, bottom in pixels of the image."""
        ...
