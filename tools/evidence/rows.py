"""The rows of the table: which template is trained on what, for how long, and what is to be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.templates import known

_FEW: Mapping[str, str] = {"segmentation": "few masks", "detection": "few boxes"}
"""The data of templates that are only shown to take a step, by task; "few classes" for all others."""


@dataclass(frozen=True)
class Row:
    """One training. `measure` is a metric of `netloom evaluate --json`, "" where a step is all that is shown."""

    template: str
    data: str  # a name in data.py
    epochs: int
    measure: str = ""
    aim: float = 0.0  # what is to be reached: at least, or at most of a measure that falls
    seed: int = 0  # of the parts and the weights; another than 0 where settings were chosen by the parts of 0
    options: tuple[str, ...] = ()  # of `netloom train`


BY_IMAGE = ("--split", "image")  # where no file says of whom it is

TRAINED = (
    Row("image-classifier", "t1-t2", 6, "accuracy", 0.98),
    Row("ordered-grades", "discs", 12, "weighted_kappa", 0.85, options=BY_IMAGE),
    Row("ecg", "ecg", 30, "accuracy", 0.95),
    Row("ecg-lstm", "ecg", 30, "accuracy", 0.95),
    Row("image-regression", "size", 30, "r2", 0.80),
    Row("several-numbers", "placed", 40, "r2:area_mm2", 0.90, options=BY_IMAGE),
    Row("several-labels", "findings", 20, "auc", 0.95, options=BY_IMAGE),
    Row("lenet", "digits", 3, "accuracy", 0.97, options=BY_IMAGE),
    Row("candidate-patches", "candidates", 5, "froc", 0.85),
    Row("u-net", "hippocampus", 40, "mean_dice", 0.80),
    Row("u-net-pieces", "nuclei", 25, "mean_dice", 0.85, options=BY_IMAGE),
    Row("attention-u-net", "nuclei", 20, "mean_dice", 0.85, options=BY_IMAGE),
    Row("segnet", "nuclei", 20, "mean_dice", 0.80, options=BY_IMAGE),
    Row("yolo", "cells", 70, "map_50", 0.80, seed=1, options=BY_IMAGE),
    Row("ssd", "cells", 40, "map_50", 0.80, seed=1, options=BY_IMAGE),
    Row("faster-r-cnn", "cells", 40, "map_50", 0.80, seed=1, options=BY_IMAGE),
    Row("cyclegan", "t1-and-t2", 20, "image_distance_of_b", 0.04, seed=2),
    Row("autoencoder", "slices", 120, "psnr", 20.0, seed=2, options=BY_IMAGE),
    Row("srcnn", "slices", 30, "psnr_gain", 0.5, options=BY_IMAGE),
    Row("sub-pixel", "slices", 30, "psnr_gain", 0.5, options=BY_IMAGE),
    Row("denoising", "slices", 4, "psnr_gain", 3.0, options=BY_IMAGE),
    Row("variational-autoencoder", "digits", 5, "psnr", 15.0, options=BY_IMAGE),
    Row("gan", "digits", 8, "image_distance", 0.25, seed=1, options=BY_IMAGE),
    Row("dcgan", "digits", 4, "image_distance", 0.08, options=BY_IMAGE),
    Row("conditional-gan", "digits", 4, "image_distance", 0.08, options=BY_IMAGE),
)


def rows(templates: list[str]) -> list[Row]:
    """A row for each template: its training, or one step on a few cases."""
    trained, tasks = {row.template: row for row in TRAINED}, {entry.name: entry.task for entry in known()}
    return [trained.get(name) or Row(name, _FEW.get(tasks[name], "few classes"), 1) for name in templates]
