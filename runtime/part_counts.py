"""What is counted in the training part alone: how often each class occurs, how far numbers spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from runtime.analysis import Analysis, analyse
from runtime.data.catalogue import Parts
from runtime.graph import Json
from runtime.leading import lead_of
from runtime.material import Material


def with_counts(analysis: Analysis, counts: Mapping[str, Sequence[float]]) -> Analysis:
    """The graph analysed anew with the class counts of the training part alone, or the spreads of several numbers, by
    source (see `training_counts`).

    So balanced class weights and losses of numbers learn nothing from the cases that validate and test.
    """
    nodes = dict(analysis.graph.nodes)
    for named, told in counts.items():
        if told:
            source = named or lead_of(analysis)
            own: list[Json] = [*told]
            settings = nodes[source].settings
            name = "spreads" if settings.get("label") == "number" else "counts"
            nodes[source] = replace(nodes[source], settings={**settings, name: own})
    return analyse(replace(analysis.graph, nodes=nodes)) if any(counts.values()) else analysis


def training_counts(material: Material, parts: Parts) -> dict[str, list[float]]:
    """By source, how often each class occurs in the training part (for masks: in pixels); of several numbers, their
    standard deviations; [] where there are neither."""
    return {one.source: _counts(one, parts.in_source(one.source).train) for one in material.all()}


def mean_and_spread(numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation (K,) float32 of numbers (N, K); 1 where all are the same."""
    mean, spread = numbers.double().mean(dim=0), numbers.double().std(dim=0, correction=0)
    known = spread > 1e-6 * (1 + mean.abs())
    return mean.float(), torch.where(known, spread, torch.ones_like(spread)).float()


def _counts(material: Material, train: tuple[int, ...]) -> list[float]:
    classes = len(material.dataset.classes)
    if material.labels.numbers is not None:
        return mean_and_spread(material.labels.numbers[list(train)])[1].tolist() if classes else []
    if material.labels.classes is not None:
        return [int(count) for count in material.labels.classes[list(train)].bincount(minlength=classes)]
    if material.labels.labels is not None:
        return [int(count) for count in material.labels.labels[list(train)].sum(dim=0)]
    if material.labels.boxes is not None:
        kinds = material.labels.boxes[list(train), :, 0]
        return [int((kinds == place).sum()) for place in range(classes)]
    if material.cached.masks is None:
        return []
    total = np.zeros(classes, np.int64)
    for index in train:
        total += np.bincount(material.cached.masks[index].ravel(), minlength=classes)[:classes]
    return [int(count) for count in total]
