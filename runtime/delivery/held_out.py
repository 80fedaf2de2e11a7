"""Cases that did not train the model, on which an export is checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from runtime.cases import case_images
from runtime.data.assembly import files_of
from runtime.data.catalogue import DataSet
from runtime.data.drawn import drawn_by_parts
from runtime.data.faults import FileFault
from runtime.data.matched import Matched
from runtime.delivery.checks import Case
from runtime.delivery.contract import Contract
from runtime.delivery.draws import takes_only_draws
from runtime.errors import RunError
from runtime.splits import SavedSplit

_MOST_CASES = 16


def held_out(cases: Matched, split: SavedSplit, contract: Contract) -> list[Case]:
    """Images (channels, *own size) in real units from the validation part by source, spread over it; for a model that
    takes no image, what stands for draws. Raises RunError.
    """
    if takes_only_draws(contract):
        return [torch.zeros(0)] * _MOST_CASES  # all that it takes is drawn
    part = split.indexes(cases.cases, "validation")
    chosen = part[:: max(1, len(part) // _MOST_CASES)][:_MOST_CASES]
    apart = _drawn_beside(cases, split, chosen) if cases.apart else {}
    columns = {source: _images_of(dataset, apart.get(source, chosen)) for source, dataset in cases.of.items()}
    usable = [
        {source: images[place] for source, images in columns.items()}
        for place in range(len(chosen))
        if all(place in images for images in columns.values())
    ]
    if not usable:
        raise RunError(f"No held-out case of {cases.cases.folder} could be read, so the export cannot be checked.")
    return [*usable]


def _drawn_beside(cases: Matched, split: SavedSplit, chosen: Sequence[int]) -> dict[str, Sequence[int]]:
    """By source that is drawn independently, its cases that lie beside these."""
    parts, count = split.found(cases), len(cases.cases.samples)
    return {
        source: drawn_by_parts(source, count, parts, range(len(dataset.samples))).beside(chosen).tolist()
        for source, dataset in cases.divided_apart()
    }


def _images_of(dataset: DataSet, chosen: Sequence[int]) -> dict[int, Tensor]:
    """The images of these cases that can be read, by their places in `chosen`."""
    samples = [dataset.samples[index] for index in chosen]
    kinds = {path: dataset.kind for sample in samples for path in files_of(sample)}
    images = enumerate(case_images(Path(dataset.folder), samples, kinds))
    tensors = {place: torch.from_numpy(image) for place, image in images if not isinstance(image, FileFault)}
    return {place: image for place, image in tensors.items() if image.shape[0] == dataset.channels}
