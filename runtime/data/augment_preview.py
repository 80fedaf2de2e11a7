"""What augmentation makes of one case: nine versions drawn from a seed, as 8-bit pictures with their masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.compile import build
from runtime.data.one_case import Case, kept_case
from runtime.device import mixed
from runtime.errors import RunError
from runtime.modules.moves import Moves

VERSIONS = 9
_SIDE = 320  # pixels, the longer side of a picture at most
_COLOURS = ((255, 92, 64), (64, 160, 255), (255, 200, 40), (90, 210, 120), (200, 110, 255))
_STRENGTH = 0.45  # of a mask's colour over the picture


@dataclass(frozen=True, slots=True)
class Preview:
    """uint8 pictures (H, W), or (H, W, 3) in colour: the case as it is, and its augmented versions.

    `masks` lie on them in the same order, uint8 (H, W) of class indexes; empty where the case has none.
    """

    case: Case
    pictures: tuple[NDArray[np.uint8], ...]
    masks: tuple[NDArray[np.uint8], ...]

    def overlaid(self) -> Iterator[NDArray[np.uint8]]:
        """The pictures with their masks over them in colour."""
        for index, picture in enumerate(self.pictures):
            yield _overlaid(picture, self.masks[index]) if self.masks else picture


def preview(analysis: Analysis, node_id: str, number: int, seed: int, keep: Path | None = None) -> Preview:
    """What leaves the node when one case comes: once as in use, and nine times as in training.

    `number` counts the cases, from 0, and begins anew after the last. `keep` is a folder in which the decoded case is
    held ready for the next call. Raises RunError, also for a node that is not reached from a folder of images through
    preparation alone; DataError when the case cannot be read.
    """
    source, path = path_to(analysis, node_id)
    case = kept_case(analysis, source, number, keep)
    image = torch.from_numpy(case.image)[None]
    masks = {} if case.mask is None else {source: torch.from_numpy(case.mask)[None].long()}
    modules = [_module(analysis, entry) for entry in path]
    still, still_masks = _run(modules, image, masks, training=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(mixed(seed, "preview"))
        # Every one of them alone: they would be as many pixels as a batch otherwise, of large volumes too.
        several = [_run(modules, image, masks, training=True) for _ in range(VERSIONS)]
    shown = [(still, still_masks), *several]
    drawn = [found[source][0].numpy() for _, found in shown if source in found]
    images = [found[0].numpy() for found, _ in shown]
    return Preview(case, *_pictures(images, drawn))


def path_to(analysis: Analysis, node_id: str) -> tuple[str, tuple[str, ...]]:
    """The source, and the nodes from it to this one, which come last. Raises RunError when there is no such path."""
    path: list[str] = []
    at = node_id
    while not isinstance(kind := analysis.facts[at].type, DataSource):
        name = analysis.graph.nodes[at].name
        before = [wire.source for wire in analysis.graph.wires if wire.target == at]
        if kind is None or not analysis.facts[at].outputs or at in path:
            told = next((one.message for one in analysis.errors if one.node == at), "")
            raise RunError(told or f"“{name}” gets no image yet; wire it to a folder of images.", at)
        if not kind.inputs:
            raise RunError(f"“{name}” reads no folder; the preview shows images from a folder.", at)
        if len(kind.inputs) != 1 or len(before) != 1:
            raise RunError(f"“{name}” joins several images; the preview follows one image from a folder.", at)
        path.insert(0, at)
        at = before[0]
    if not analysis.facts[at].outputs:
        raise RunError(f"“{analysis.graph.nodes[at].name}” has no folder yet; attach one to see a preview.", at)
    return at, tuple(path)


def _module(analysis: Analysis, node_id: str) -> Any:
    facts = analysis.facts[node_id]
    if facts.type is None:
        raise RunError("The type of this node is not known.", node_id)
    return build(facts.type.call(**facts.inputs))


def _run(
    modules: Sequence[Any], image: Tensor, masks: dict[str, Tensor], training: bool
) -> tuple[Tensor, dict[str, Tensor]]:
    with torch.no_grad():
        for module in modules:
            if isinstance(module, nn.Module):
                module.train(training)
            if isinstance(module, Moves):
                image, masks = module.together(image, masks)
            else:
                image = module(image)
    return image, masks


def _pictures(
    images: Sequence[NDArray[Any]], masks: Sequence[NDArray[Any]]
) -> tuple[tuple[NDArray[np.uint8], ...], tuple[NDArray[np.uint8], ...]]:
    """All in the same grey scale, that of the first one, so that a change of brightness is seen."""
    if images[0].ndim == 2:
        raise RunError("A signal has no picture; the preview shows images and volumes.")
    if images[0].ndim == 4:
        depth = _slice(masks[0]) if masks else images[0].shape[1] // 2
        images, masks = [image[:, depth] for image in images], [mask[depth] for mask in masks]
    coloured = images[0].shape[0] == 3
    low, high = _limits(images[0] if coloured else images[0][:1])
    grey = [(np.clip((image - low) / max(high - low, 1e-12), 0, 1) * 255 + 0.5).astype(np.uint8) for image in images]
    flat = [np.moveaxis(image, 0, -1) if coloured else image[0] for image in grey]
    return tuple(_sized(image, smooth=True) for image in flat), tuple(
        _sized(mask.astype(np.uint8), smooth=False) for mask in masks
    )


def _limits(image: NDArray[Any]) -> tuple[float, float]:
    """The values shown as black and white: the 1st and 99th percentile, or the ends where those are the same."""
    low, high = np.percentile(image[np.isfinite(image)], (1, 99))
    return (float(low), float(high)) if high > low else (float(image.min()), float(image.max()))


def _slice(mask: NDArray[Any]) -> int:
    """The slice on which most is drawn, or the middle one."""
    areas = np.count_nonzero(mask, axis=(1, 2))
    return int(areas.argmax()) if areas.any() else len(areas) // 2


def _sized(array: NDArray[np.uint8], smooth: bool) -> NDArray[np.uint8]:
    rows, columns = array.shape[:2]
    scale = min(1.0, _SIDE / max(rows, columns))
    how = Image.Resampling.BOX if smooth else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(array).resize((max(1, round(columns * scale)), max(1, round(rows * scale))), how))


def _overlaid(picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shown: NDArray[Any] = (picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)).astype(
        np.float32
    )
    for value in np.unique(mask[mask > 0]):
        colour = np.asarray(_COLOURS[(int(value) - 1) % len(_COLOURS)], np.float32)
        inside = mask == value
        shown[inside] = shown[inside] * (1 - _STRENGTH) + colour * _STRENGTH
    return (shown + 0.5).astype(np.uint8)
