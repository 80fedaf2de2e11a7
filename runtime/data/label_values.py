"""The values stored in masks, and the class each one stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.data.catalogue import Found

MOST_MASK_CLASSES = 32
Progress = Callable[[int, int], None]  # files done, files in all


def mask_values(
    folder: Path, masks: Sequence[Found], on_progress: Progress | None = None
) -> tuple[tuple[int, ...], dict[str, str]]:
    """All values of all masks, sorted, with 0 first and always there; and the masks that cannot be read, with the
    reason.

    Stops once there are more than `MOST_MASK_CLASSES` values: these are no classes.
    """
    import numpy as np

    from runtime.data.faults import READ_ERRORS, FileFault, in_words
    from runtime.data.masks import read_mask

    values: set[int] = {0}
    unread: dict[str, str] = {}
    for done, mask in enumerate(masks, start=1):
        try:
            values.update(int(value) for value in np.unique(read_mask(folder / mask.path, mask.kind)))
        except FileFault as fault:
            unread[mask.path] = str(fault)
        except READ_ERRORS as error:
            unread[mask.path] = in_words(error)
        if on_progress is not None:
            on_progress(done, len(masks))
        if len(values) > MOST_MASK_CLASSES:
            break
    return tuple(sorted(values, key=lambda value: (value != 0, value))), unread


def mask_classes(values: Sequence[int]) -> tuple[str, ...]:
    """One name for each mask value: background and foreground for two, otherwise background and the value itself."""
    if len(values) == 2:
        return ("background", "foreground")
    return tuple("background" if value == 0 else str(value) for value in values)
