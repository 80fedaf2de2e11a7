"""Augmentations that follow each other become one: their changes are put together and the pixels resampled once."""

from __future__ import annotations

from torch import Tensor

from runtime.modules.augment import Augment


class Joined:
    """Augmentations in a row, run as one; unchanged images in eval mode, as each of them."""

    def __init__(self, *parts: Augment) -> None:
        self.parts = parts

    def __call__(self, image: Tensor) -> Tensor:
        return self.together(image, {})[0]

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The image (N, C, *spatial) and the masks (N, *spatial) that lie on it, moved alike by all parts at once."""
        first = self.parts[0]
        if not first.training:
            return image, masks
        motion = first.draw(image)
        for part in self.parts[1:]:
            motion = motion.then(part.draw(image))
        return first.move(image, masks, motion)


def joined(first: object, second: object) -> Joined | None:
    """Both as one; None where they are no augmentations, or fill the edges in different ways."""
    parts = first.parts if isinstance(first, Joined) else (first,)
    if not isinstance(second, Augment) or not isinstance(parts[0], Augment):
        return None
    alike = (parts[0].edges, parts[0].fill) == (second.edges, second.fill)
    return Joined(*parts, second) if alike else None
