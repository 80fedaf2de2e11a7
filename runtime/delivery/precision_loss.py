"""What a smaller precision costs: the same measures of the same validation cases by both files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.data.batches import Batch, Part
from runtime.data.catalogue import DataError
from runtime.data.catalogue import Part as PartName
from runtime.data.matched import Matched
from runtime.delivery.answers import classes_of
from runtime.delivery.contract import Contract, OutputContract
from runtime.delivery.precision import Feed
from runtime.delivery.predictors import RUNTIME_ERRORS
from runtime.errors import RunError
from runtime.material import Material, material_of
from runtime.modules.box_metrics import AnsweredPrecision
from runtime.modules.fit import Fit
from runtime.modules.metrics import AUC, Accuracy, Deviation, Metric, Overlap, Sensitivity
from runtime.plan import plan_of
from runtime.splits import SavedSplit
from runtime.trained import Trained

_MOST_MEASURED, _MOST_CALIBRATING = 512, 64
_BATCH = 16
_JUDGED = ("classification", "several labels", "segmentation", "regression", "detection")
_PORTS = {"classification": "classes", "regression": "numbers", "several labels": "labels"}


@dataclass(frozen=True)
class PartsOfRun:
    """The cases of a run as its exported file is fed with them: images brought to their size, in real units."""

    inputs: tuple[str, ...]  # the ids of the nodes that the contract's inputs stand for
    split: SavedSplit
    material: Material
    contract: Contract

    def calibration(self) -> list[Feed]:
        """Some cases of the training part, one at a time."""
        return [feed for _, feed in self._feeds("train", _MOST_CALIBRATING, 1)]

    def measured(self) -> Iterator[tuple[Batch, Feed]]:
        """Batches of the validation part, each with what the file is fed."""
        return self._feeds("validation", _MOST_MEASURED, _BATCH)

    def _feeds(self, part: PartName, most: int, size: int) -> Iterator[tuple[Batch, Feed]]:
        usable = self.material.usable
        indexes = [index for index in self.split.indexes(self.material.dataset, part) if index in usable]
        chosen = tuple(indexes[:: max(1, len(indexes) // most)][:most])
        if not chosen:
            raise RunError(f"No case of the {part} part could be read, so a smaller precision cannot be judged.")
        own, generator = self.material, torch.Generator().manual_seed(0)
        for batch in Part(own.cached, own.labels, chosen, torch.device("cpu"), beside=own.beside).batches(size):
            feed = {}
            for source, entry in zip(self.inputs, self.contract.inputs, strict=True):
                drawn = torch.randn(batch.count, entry.channels, *entry.size, generator=generator)
                feed[entry.tensor] = (batch.of(source).images if entry.feed == "data" else drawn).numpy().copy()
            yield batch, feed


def parts_of_run(trained: Trained, cases: Matched, split: SavedSplit, contract: Contract) -> PartsOfRun:
    """The cases with their pixels. Raises RunError when they cannot be read."""
    inputs = plan_of(trained.analysis, deployed=True).inputs
    try:
        material = material_of(trained.analysis, cases).in_parts(split.found(cases))
        return PartsOfRun(tuple(inputs), split, material, contract)
    except DataError as error:
        raise RunError(str(error)) from error


def losses(parts: PartsOfRun, single: bytes, smaller: bytes) -> tuple[dict[str, tuple[float, float]], float]:
    """For each measure its value by the file in single precision and by the smaller one; and the largest difference
    of their answers. Raises RunError when the smaller one answers with something that is not a number.
    """
    largest, output = 0.0, next((one for one in parts.contract.outputs if one.task in _JUDGED), None)
    sessions = [_session(data) for data in (single, smaller)]
    judges = [_judges(output) if output is not None else {} for _ in sessions]
    place = parts.contract.outputs.index(output) if output is not None else 0
    for batch, feed in parts.measured():
        pair = [session.run(None, feed) for session in sessions]
        largest = max(largest, *(_difference(one, other) for one, other in zip(*pair, strict=True)))
        target = _target(output, batch) if output is not None else None
        if output is not None and target is not None:
            for metrics, answers in zip(judges, pair, strict=True):
                for metric in metrics.values():
                    metric.update(*_compared(output, torch.from_numpy(answers[place]), target))
    found = {name: (metric.compute(), judges[1][name].compute()) for name, metric in judges[0].items()}
    return {name: pair for name, pair in found.items() if all(map(math.isfinite, pair))}, largest


def _session(data: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        why = " ".join(str(error).split())[:300]
        raise RunError(f"The file with smaller numbers cannot be opened by onnxruntime: {why}") from error


def _judges(output: OutputContract) -> dict[str, Metric]:
    """What is measured of answers of this kind."""
    count = len(classes_of(output)) if output.task != "regression" else 0
    if output.task == "segmentation":
        return {"dice": Overlap(count, "dice"), "accuracy": Accuracy(count)}
    if output.task == "several labels":
        return {"accuracy": Accuracy(2), "balanced_accuracy": Sensitivity(2)}
    if output.task == "classification":
        return {"accuracy": Accuracy(count), "balanced_accuracy": Sensitivity(count), "auc": AUC(count)}
    if output.task == "detection":
        return {"map_50": AnsweredPrecision(count, (0.5,))}
    return {"mean_absolute_error": Deviation("absolute")}


def _compared(output: OutputContract, answers: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Raw scores and what is true, as metrics take them: each of several labels is a case by itself."""
    scores = _scores(output, answers)
    return (scores.reshape(-1, 1), target.reshape(-1).long()) if output.task == "several labels" else (scores, target)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    difference = float(np.abs(one.astype(np.float64) - other).max(initial=0.0))
    if not math.isfinite(difference):
        raise RunError("With smaller numbers this network answers with what is no number; export it in full precision.")
    return difference


def _scores(output: OutputContract, answers: Tensor) -> Tensor:
    """Raw scores that give these answers."""
    if output.activation == "sigmoid":
        return torch.logit(answers, 1e-7)
    return answers.clamp_min(1e-30).log() if output.activation == "softmax" else answers


def _target(output: OutputContract, batch: Batch) -> Tensor | None:
    """What is true of the cases; masks and boxes are brought along to where the output lies."""
    if output.task not in ("segmentation", "detection"):
        return cast("Tensor | None", getattr(batch, _PORTS[str(output.task)]))
    lying, image = batch.masks if output.task == "segmentation" else batch.boxes, batch.images
    for fit in output.fits[1:]:
        fitted = Fit(fit.size, fit.rule)
        if lying is not None:
            lying = fitted.mask(lying) if output.task == "segmentation" else fitted.boxes(lying, image)
        image = fitted(image)
    return lying
