"""Augmentations that follow each other become one: their changes are put together and the pixels resampled once."""

from __future__ import annotations

from torch import Tensor

from runtime.modules.augment import Augment
from runtime.modules.augment_boxes import moved_boxes
from runtime.modules.motion import Motion


class Joined:
    """Augmentations in a row, run as one; unchanged images in eval mode, as each of them."""

    def __init__(self, *parts: Augment) -> None:
        self.parts = parts

    def __call__(self, image: Tensor) -> Tensor:
        return self.together(image, {})[0]

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The image (N, C, *spatial) and the masks (N, *spatial) that lie on it, moved alike by all parts at once."""
        if not self.parts[0].training:
            return image, masks
        return self.parts[0].move(image, masks, self._draw(image))

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`, with boxes (N, M, 5) as runtime.modules.augment_boxes.moved_boxes takes them."""
        if not self.parts[0].training:
            return image, masks, boxes
        motion = self._draw(image)
        changed = {name: moved_boxes(these, motion, image.shape[2:]) for name, these in boxes.items()}
        return *self.parts[0].move(image, masks, motion), changed

    def _draw(self, image: Tensor) -> Motion:
        motion = self.parts[0].draw(image)
        for part in self.parts[1:]:
            motion = motion.then(part.draw(image))
        return motion


def joined(first: object, second: object) -> Joined | None:
    """Both as one; None where they are no augmentations, or fill the edges in different ways."""
    parts = first.parts if isinstance(first, Joined) else (first,)
    if not isinstance(second, Augment) or not isinstance(parts[0], Augment):
        return None
    alike = (parts[0].edges, parts[0].fill) == (second.edges, second.fill)
    return Joined(*parts, second) if alike else None
