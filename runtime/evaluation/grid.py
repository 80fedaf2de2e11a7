"""How many millimetres a pixel of the network's grid is: the spacing of each case after its fits. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runtime.analysis import Analysis
from runtime.data.catalogue import DataSet, Sample
from runtime.plan import FittedSize, Place, fits_of

Spacing = tuple[float, ...]


def fits_at(analysis: Analysis, source: str, place: Place) -> tuple[FittedSize, ...]:
    """What brings images of a source to the grid of what a node gives."""
    node_id, port = place
    moved = analysis.facts[node_id].outputs[port].geometry.get(source) or ()
    return fits_of(analysis, source, moved)


def spacings_of(dataset: DataSet, chosen: Sequence[int], fits: Sequence[FittedSize]) -> list[Spacing | None]:
    """The sides of a pixel of each sample after the fits, mm along each axis; all None when one is not known, because
    distances in millimetres and in pixels have no common mean."""
    from runtime.data.scan import scan  # reads headers with pydicom, which the window does without

    samples = [dataset.samples[index] for index in chosen]
    told: dict[str, Spacing] = {}
    if any(sample.spacing_mm is None for sample in samples):
        told = {item.path: item.spacing_mm for item in scan(Path(dataset.folder)).found if item.spacing_mm is not None}
    found = [_own(sample, told) for sample in samples]
    known = [
        fitted(own, sample.size, sample.resampled or sample.size, fits)
        for own, sample in zip(found, samples, strict=True) if own is not None
    ]  # fmt: skip
    return list(known) if len(known) == len(samples) else [None] * len(samples)


def fitted(spacing: Spacing, found: Sequence[int], size: Sequence[int], fits: Sequence[FittedSize]) -> Spacing:
    """The spacing of an image of the size `found`, after it was resampled to `size` and then went through the fits."""
    sides = [mm * old / new for mm, old, new in zip(spacing, found, size, strict=True)]
    for fit in fits:
        scales = [new / old for new, old in zip(fit.size, size, strict=True)]
        if fit.rule != "stretch":
            scales = [min(scales) if fit.rule == "pad" else max(scales)] * len(scales)
        sides = [mm / scale for mm, scale in zip(sides, scales, strict=True)]
        size = fit.size
    return tuple(sides)


def _own(sample: Sample, told: dict[str, Spacing]) -> Spacing | None:
    """The spacing of a sample as found, as many numbers as its size has."""
    spacing = sample.spacing_mm or told.get(sample.path)
    axes = len(sample.size)
    return spacing[-axes:] if spacing is not None and len(spacing) >= axes else None
