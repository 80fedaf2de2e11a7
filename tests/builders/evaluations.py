"""Made-up evaluations for tests of the window: answers that are known, measured by the program's own functions."""

from pathlib import Path

import numpy as np

from designer.evaluation.measured import Measured
from runtime.evaluation.calibration import sigmoid, softmax
from runtime.evaluation.measuring import confusion_of, measured
from runtime.evaluation.record import Cases, Evaluation, Subgroup


def codes(count: int) -> np.ndarray:
    return np.array([f"{number:016x}" for number in range(count)])


def made(task: str, classes: tuple[str, ...], arrays: dict, folder: Path = Path("run"), **record) -> Measured:
    """An evaluation of these arrays, with all measures of its task."""
    count = len(arrays["error"])
    plain = {"case": codes(count), "patient": codes(count), "patient_known": np.ones(count, bool),
             "correct": np.ones(count, bool), "confidence": np.full(count, np.nan)}  # fmt: skip
    cases = Cases(**{**plain, **arrays})
    found = measured(cases, task, classes, record.get("temperature"), 0)
    metrics = {name: value for name, value in found.metrics.items() if np.isfinite(value)}
    confusion = confusion_of(cases, len(classes)) if task == "classification" else ()
    intervals = {name: one for name, one in found.intervals.items() if name in metrics}
    told = Evaluation("validation", count, count, metrics, classes, confusion, task, epoch=3, intervals=intervals,
                      **record)  # fmt: skip
    return Measured(folder, "validation", told, cases)


def classified(scores: np.ndarray, truth: np.ndarray, classes: tuple[str, ...], folder: Path = Path("run"), **record):
    """A classification with these raw scores (N, K) and true classes (N,)."""
    columns = record.pop("columns", {})
    shares = softmax(scores)
    taken = shares.argmax(axis=1)
    arrays = {
        "scores": scores, "probabilities": shares, "truth": truth, "predicted": taken, "correct": taken == truth,
        "confidence": shares.max(axis=1), "error": 1 - shares[np.arange(len(truth)), truth], "columns": columns,
    }  # fmt: skip
    return made("classification", classes, arrays, folder, **record)


def two_classes(count: int = 40, folder: Path = Path("run"), **record) -> Measured:
    """Cases of “healthy” and “ill” by turns, mostly told apart; the column “sex” says f or m by turns of two."""
    generator = np.random.default_rng(5)
    truth = np.arange(count) % 2
    score = np.where(truth == 1, 1.2, -1.2) + generator.normal(0, 1.2, count)
    columns = {"sex": np.where(np.arange(count) // 2 % 2, "m", "f")}
    groups = tuple(Subgroup("sex", value, count // 2, count // 2, {"accuracy": 0.5}) for value in ("f", "m"))
    scores = np.stack([np.zeros(count), score], axis=1)
    return classified(scores, truth, ("healthy", "ill"), folder, columns=columns, subgroups=groups, **record)


def two_labels() -> Measured:
    """Cases that may have each of two labels."""
    generator = np.random.default_rng(6)
    truth = (generator.random((24, 2)) > 0.5).astype(int)
    scores = np.where(truth == 1, 1.0, -1.0) + generator.normal(0, 1, (24, 2))
    shares = sigmoid(scores)
    taken = (shares > 0.5).astype(int)
    arrays = {
        "scores": scores, "probabilities": shares, "truth": truth, "predicted": taken,
        "correct": (taken == truth).all(axis=1), "confidence": np.maximum(shares, 1 - shares).min(axis=1),
        "error": np.abs(shares - truth).max(axis=1),
    }  # fmt: skip
    return made("several labels", ("effusion", "mass"), arrays)


def numbers(unit: str = "mm") -> Measured:
    """Twenty lengths, each answered about two too long but the last, which is ten too short."""
    truth = np.linspace(10, 40, 20)
    answered = truth + 2 + np.sin(truth)
    answered[-1] = truth[-1] - 10
    return made("regression", (), {"truth": truth, "predicted": answered, "error": np.abs(answered - truth)}, unit=unit)


def masks(folder: Path) -> Measured:
    """Two cases of which the second is worse; their masks of 4×4 pixels lie in the folder."""
    true = np.zeros((4, 4), np.uint8)
    true[1:3, 1:3] = 1
    found = np.zeros((4, 4), np.uint8)
    found[0:2, 0:2] = 1
    both = {f"{code}-{name}": mask for code in codes(2) for name, mask in (("true", true), ("found", found))}
    np.savez(folder / "evaluation-validation-masks.npz", **both)
    overlaps = {
        "dice": np.array([[0.9, 0.8], [0.9, 0.25]]), "iou": np.array([[0.8, 0.7], [0.8, 0.14]]),
        "hausdorff": np.array([[1.0, 1.0], [np.nan, 5.5]]), "true_volume": np.array([[0.0, 4.0], [0.0, 4000.0]]),
        "found_volume": np.array([[0.0, 5.0], [0.0, 1000.0]]), "right": np.array([[0.9], [0.5]]),
    }  # fmt: skip
    arrays = {"error": np.array([0.2, 0.75]), "overlaps": overlaps, "confidence": np.array([0.9, 0.6])}
    return made("segmentation", ("background", "ventricle"), arrays, folder, distance_unit="mm", volume_unit="ml")
