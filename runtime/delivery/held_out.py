"""Cases that did not train the model, on which an export is checked."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from runtime.cases import case_images
from runtime.data.assembly import files_of
from runtime.data.catalogue import DataSet
from runtime.data.faults import FileFault
from runtime.delivery.checks import takes_only_noise
from runtime.delivery.contract import Contract
from runtime.errors import RunError
from runtime.splits import SavedSplit

_MOST_CASES = 16


def held_out(dataset: DataSet, split: SavedSplit, contract: Contract) -> list[Tensor]:
    """Images (channels, *own size) in real units from the validation part, spread over it; none for a model that takes
    no image. Raises RunError.
    """
    if takes_only_noise(contract):
        return [torch.zeros(0)] * _MOST_CASES  # all that it takes is drawn
    part = split.indexes(dataset, "validation")
    samples = [dataset.samples[index] for index in part[:: max(1, len(part) // _MOST_CASES)][:_MOST_CASES]]
    kinds = {path: dataset.kind for sample in samples for path in files_of(sample)}
    images = case_images(Path(dataset.folder), samples, kinds)
    cases = [torch.from_numpy(image) for image in images if not isinstance(image, FileFault)]
    usable = [case for case in cases if case.shape[0] == dataset.channels]
    if not usable:
        raise RunError(f"No held-out case of {dataset.folder} could be read, so the export cannot be checked.")
    return usable
