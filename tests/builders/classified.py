"""Evaluations in a run folder, as the evaluation writes them, of answers that are given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import share_interval
from runtime.evaluation.record import FORMAT, Evaluation


def classified(
    folder: Path, stem: str, probabilities: NDArray[Any], truth: NDArray[Any], classes: tuple[str, ...], **more: Any
) -> Evaluation:
    """Write the evaluation of a classification: one patient for each case."""
    taken, count = probabilities.argmax(1), len(classes)
    right = taken == truth
    names = np.array([f"{place:016x}" for place in range(len(truth))])
    confusion = np.bincount(truth * count + taken, minlength=count**2).reshape(count, count)
    record = Evaluation(
        part=stem, cases=len(truth), patients=len(truth), metrics={"accuracy": float(right.mean())}, classes=classes,
        confusion=tuple(tuple(map(int, row)) for row in confusion), task="classification", epoch=1,
        intervals={"accuracy": share_interval(right, names)}, **more,
    )  # fmt: skip
    text = json.dumps({"format": FORMAT, **record.as_dict()})
    (folder / f"evaluation-{stem}.json").write_text(text, encoding="utf-8")
    np.savez(
        folder / f"evaluation-{stem}.npz",
        case=names, patient=names, patient_known=np.ones(len(truth), bool), correct=right,
        error=1 - probabilities[np.arange(len(truth)), truth], confidence=probabilities.max(1),
        scores=np.log(probabilities), probabilities=probabilities, truth=truth, predicted=taken,
    )  # fmt: skip
    return record
