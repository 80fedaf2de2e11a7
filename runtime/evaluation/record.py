"""What an evaluation leaves in the run folder, and how it is read back. No torch.

`evaluation-STEM.json` is an `Evaluation` as JSON. STEM is the part (`test`, `validation`, `train`), `all` for another
folder, `external-PART` for one part of another folder. `metrics` are values by name, `intervals` 95 % intervals by the
same names (those without one are missing; one with a `note` and no ends says why there is none). A name of one class or
label is `sensitivity:CLASS`. Numbers that are not defined for the cases are missing, and `warnings` says so.

`evaluation-STEM.csv` is the same cases as a table for people. `evaluation-STEM.npz` holds `Cases`: one row for each
case, in one order. A case is known by the first 16 hexadecimal digits of `runtime.splits.hashed(salt, sample.key)`, a
patient by those of `hashed(salt, sample.group)`, with the `salt` of the JSON file: no path, no name, no identifier.
`runtime.evaluation.cases.indexes_of` finds the cases of a data set again.

For every task: `case`, `patient`, `patient_known` (False: an image that counts as a patient of its own), `error` (the
greater, the worse: the gallery's order), `confidence` and `correct`, and `columns`: the values of each subgroup column.

- **classification** (K classes, two included; a network with one score s for two classes is written as (0, s)):
  `scores` (N, K) raw, `probabilities` (N, K) their softmax, `truth` and `predicted` (N,) class indexes; confidence is
  the largest probability, error is 1 - the probability of the true class.
  Where the cases are points of images, `points` has (N,) arrays: `image`, the hash of its image's key; `finding`, which
  finding of the image it lies on, from 0 (-1: none); `missed`, how many findings of the image no point lies on.
- **several labels** (K labels, each there or not): `scores` and `probabilities` (their sigmoid) (N, K), `truth` and
  `predicted` (N, K) of 0 and 1; correct when all labels are, confidence is the smallest max(p, 1 - p), error the
  largest |p - truth|.
- **regression**: `truth` and `predicted` (N,) numbers in the record's `unit`; error is |predicted - truth|. Several
  numbers are (N, K) in the order of `classes`, which names them, with a unit for each (`nodes.units`); error is then
  the mean of |predicted - truth| / spread of the truth of these cases, a measure is called `bias:NAME`. There is no
  correct (all True) and no confidence (all nan).
- **segmentation** (K classes, the first is the background): `overlaps` has (N, K) arrays, nan where not defined:
  `dice`, `iou` (both nan where the class is neither there nor found), `hausdorff` (95 %, in `distance_unit`; nan where
  the class lacks on one side), `true_volume`, `found_volume` (in `volume_unit`: "ml" of volumes, "mm²" of slices; both
  units are "pixels" as soon as the spacing of one case is not known), and `right` (N, 1), the share of right pixels.
  error is 1 - the mean Dice of the classes but the background (0 where none is there nor found), confidence the mean
  probability of what was taken over all pixels. `correct` says whether every pixel is. The masks themselves, true and
  found, as class indexes on the grid of the network: `evaluation-STEM-masks.npz`, read by `load_masks`.
- **detection**: `boxes` has `true` (N, M, 5): class index (-1: no box), left, top, right, bottom, and `found`, which
  is (N, K, 6): left, top, right, bottom, probability, class index (-1: no box), after non-maximum suppression; both in
  pixels of the image as found: the fits were undone. error is the share of boxes missed or false among all, with the
  found boxes of a probability of 0.5 or more; confidence is their mean probability (nan without any).
- **image** (an image is rebuilt): `likeness` has (N,) arrays: `psnr` in dB and `ssim` (nan where not defined),
  `mean_absolute_error` and `root_mean_squared_error` in the unit of the network's images; and the same behind
  `baseline_` of the poorer image that it was made from, enlarged by bicubic interpolation where it is smaller, where
  the drawing makes images poorer on purpose. error is the root mean squared error; there is no correct (all True) and
  no confidence (all nan).
- any other network: no more than `case`, `patient` and `patient_known`; error is 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.errors import RunError, file_error
from runtime.evaluation.intervals import Interval

FORMAT = 2
BASELINE = "baseline_"  # before the name of a measure: the same of what came in
DIGITS = 16  # of a hash that stands for a case or a patient

BELOW = ("overlaps", "boxes", "columns", "likeness", "points")  # what `Cases` holds several arrays of

Floats = NDArray[np.float64]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Subgroup:
    """What was measured of the cases with one value of a column, a DICOM element, or in one band of numbers."""

    column: str
    value: str  # "" where a case says nothing
    cases: int
    patients: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """The stored operating point of one class or label, as it does on these cases."""

    name: str  # of the class or label
    threshold: float  # of its probability
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a run is on some cases. `confusion`: rows are true classes, columns predicted (pixels for masks)."""

    part: str
    cases: int
    patients: int
    metrics: Mapping[str, float]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    task: str = ""  # as in `nodes.roles.Task`; "" for networks of which nothing is known to be right or wrong
    epoch: int = 0  # of the checkpoint
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    unknown_classes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown_patients: int = 0  # cases of which the patient is not known; each counts as a patient of its own
    external: bool = False  # measured on another folder than the run's own
    opened: int = 0  # how often the test part of the run was measured, with this time; 0 for everything else
    salt: str = ""  # of the hashes of cases and patients
    temperature: float | None = None  # by which scores are divided for the calibrated metrics; None: not fitted yet
    operating_points: tuple[AtThreshold, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    unit: str = ""  # of the numbers of a regression, where their columns name one
    distance_unit: str = ""  # "mm" or "pixels", of a segmentation
    volume_unit: str = ""  # "ml", "mm²" or "pixels"
    positive: str = ""  # of two classes the one that sensitivity, specificity, PPV, NPV, F1 and AUC are about
    seed: int = 0  # of the resampling of patients
    folds: tuple[Mapping[str, float], ...] = ()  # of pooled runs: the metrics of each

    @property
    def positive_place(self) -> int | None:
        """The place of the positive class; records of before it was written took the second. None: not two classes."""
        if self.task != "classification" or len(self.classes) != 2:
            return None
        return self.classes.index(self.positive) if self.positive in self.classes else 1

    def as_dict(self) -> dict[str, Any]:
        """As `netloom evaluate --json` prints it."""
        return {**asdict(self), "confusion": [list(row) for row in self.confusion]}


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What was answered case by case; see the module for what each task holds. None: the task has no such array."""

    case: Array  # (N,) text
    patient: Array  # (N,) text
    patient_known: NDArray[np.bool_]
    error: Floats
    correct: NDArray[np.bool_]
    confidence: Floats
    scores: Floats | None = None
    probabilities: Floats | None = None
    truth: Array | None = None
    predicted: Array | None = None
    overlaps: Mapping[str, Floats] = field(default_factory=dict)
    boxes: Mapping[str, Floats] = field(default_factory=dict)
    columns: Mapping[str, Array] = field(default_factory=dict)  # (N,) text, by the name of the column
    likeness: Mapping[str, Floats] = field(default_factory=dict)
    points: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)

    def chosen(self, places: Array) -> Cases:
        """Some of the cases: indexes, or True for those that are wanted."""
        parts: dict[str, Any] = {}
        for name in (one.name for one in fields(self)):
            value = getattr(self, name)
            if isinstance(value, Mapping):
                parts[name] = {key: array[places] for key, array in value.items()}
            else:
                parts[name] = None if value is None else value[places]
        return Cases(**parts)


def stem_of(part: str, external: bool) -> str:
    """The STEM of an evaluation's files."""
    return f"external-{part}" if external and part != "all" else part


def record_file(folder: Path, stem: str) -> Path:
    """Where the record of an evaluation lies."""
    return folder / f"evaluation-{stem}.json"


def load_record(folder: Path, stem: str) -> Evaluation | None:
    """The record of an evaluation; None when it is not there or of an older version, which does not hold its cases.

    Raises RunError when it is damaged.
    """
    path = record_file(folder, stem)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        return read_evaluation(content)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(file_error(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(f"{path} is damaged: it is not an evaluation as this program writes it.") from error


def read_evaluation(content: Mapping[str, Any]) -> Evaluation:
    """The record in what `as_dict` gave. Raises KeyError, TypeError, ValueError and AttributeError for other things."""
    known = {one.name: content[one.name] for one in fields(Evaluation) if one.name in content}
    nested = {
        "intervals": _intervals(content.get("intervals", {})),
        "operating_points": tuple(AtThreshold(**_measured(one)) for one in content.get("operating_points", ())),
        "subgroups": tuple(Subgroup(**_measured(one)) for one in content.get("subgroups", ())),
        "confusion": tuple(tuple(int(count) for count in row) for row in content["confusion"]),
        "folds": tuple(dict(one) for one in content.get("folds", ())),
    }
    lists = {name: tuple(content.get(name, ())) for name in ("classes", "unknown_classes", "warnings")}
    return Evaluation(**{**known, **nested, **lists})


def _measured(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "intervals": _intervals(one.get("intervals", {}))}


def _intervals(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Interval]:
    return {name: Interval(**one) for name, one in found.items()}


def load_cases(folder: Path, stem: str) -> Cases:
    """The cases of an evaluation. Raises RunError when they are not there or damaged."""
    path = folder / f"evaluation-{stem}.npz"
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        plain: dict[str, Any] = {name: array for name, array in arrays.items() if ":" not in name}
        below: dict[str, Any] = {name: _below(arrays, name) for name in BELOW}
        return Cases(**plain, **below)
    except FileNotFoundError as error:
        raise RunError(f"{path} is not there; evaluate this part of the run first.") from error
    except OSError as error:
        raise RunError(file_error(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path} is damaged: it does not hold cases as this program writes them.") from error


def _below(arrays: Mapping[str, Array], stem: str) -> dict[str, Array]:
    return {name.partition(":")[2]: array for name, array in arrays.items() if name.startswith(f"{stem}:")}


def load_masks(folder: Path, stem: str, case: str) -> tuple[Array, Array]:
    """The true and the found mask of a case, class indexes (*size) on the grid of the network.

    Raises RunError when they are not there.
    """
    path = folder / f"evaluation-{stem}-masks.npz"
    try:
        with np.load(path, allow_pickle=False) as found:
            return found[f"{case}-true"], found[f"{case}-found"]
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"The masks of the case {case} are not in {path}; evaluate this part again.") from error
