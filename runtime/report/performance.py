"""Sections on how good the model is: what was measured, with intervals and curves, and the cases it failed at most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.units import units_each
from runtime.data.several_numbers import spoken
from runtime.errors import RunError
from runtime.evaluation.calibration import reliability
from runtime.evaluation.openings import openings
from runtime.evaluation.record import AtThreshold, Cases, Evaluation, Subgroup
from runtime.evaluation.thresholds import Curve, Ranked
from runtime.report.boxes import box_curves, boxes_told
from runtime.report.gathering import Gathered, Measured
from runtime.report.pictures import pictures_of
from runtime.report.privacy import without_paths
from runtime.report.section import Section
from runtime.report.statements import statements_of

_MOST_POINTS = 150  # of a curve: more are not seen
_MOST_DOTS = 600  # of a scatter plot
_WORST = 10
Array = NDArray[Any]


def evaluation_section(found: Gathered) -> Section:
    """What was measured, on which cases, and how often the test part was looked at."""
    facts = {
        "test_opened": openings(found.run.folder),
        "measured": [
            {"name": one.stem, "part": one.record.part, "external": one.record.external, "cases": one.record.cases,
             "patients": one.record.patients, "patients_unknown": one.record.unknown_patients,
             "epoch": one.record.epoch}
            for one in found.measured
        ],
        "outdated": [*found.outdated],
        "methods": _methods(found),
        "temperature": next((one.record.temperature for one in found.measured if one.record.temperature), None),
    }  # fmt: skip
    return Section("evaluation", "Evaluation", facts)


def performance_section(found: Gathered) -> Section:
    """Metrics with their 95 % intervals, and the curves behind them."""
    facts = {
        "measured": [_performance(one) for one in found.measured],
        "statements": statements_of("performance", found.statements),
    }
    return Section("performance", "Performance", facts)


def failures_section(found: Gathered, pictures: bool = False) -> Section:
    """The cases that were answered worst, by their row in the table of the evaluation, without names."""
    facts = {
        "measured": [
            {"name": one.stem, "wrong": _wrong(one), "cases": one.record.cases, "worst": _worst(found, one)}
            for one in found.measured
            if one.record.task
        ],
        "statements": statements_of("failures", found.statements),
    }
    return Section("failures", "Failures", facts, _shown(found) if pictures else {})


def _methods(found: Gathered) -> list[str]:
    """The ways in which intervals were found."""
    intervals = [interval for one in found.measured for interval in one.record.intervals.values()]
    return sorted({interval.method for interval in intervals if interval.method})


def _performance(one: Measured) -> dict[str, Any]:
    record, cases = one.record, one.cases
    return {
        "name": one.stem,
        "part": record.part,
        "external": record.external,
        "task": record.task,
        "cases": record.cases,
        "patients": record.patients,
        "patients_unknown": record.unknown_patients,
        "metrics": _metrics(record),
        "classes": [*record.classes],
        "confusion": [[*row] for row in record.confusion],
        "baseline": _baseline(record),
        "operating_points": [_at_threshold(point) for point in record.operating_points],
        "subgroups": [_subgroup(group) for group in record.subgroups],
        "folds": [dict(fold) for fold in record.folds],
        "unit": record.unit or None,
        "distance_unit": record.distance_unit or None,
        "volume_unit": record.volume_unit or None,
        "curves": _curves(record, cases),
        "box_curves": box_curves(record, cases),
        "scatter": _scatter(record, cases),
        "warnings": [without_paths(text) for text in record.warnings],
    }


def _metrics(record: Evaluation | AtThreshold | Subgroup) -> list[dict[str, Any]]:
    rows = []
    for name, value in record.metrics.items():
        interval = record.intervals.get(name)
        low, high = (interval.low, interval.high) if interval else (None, None)
        note = interval.note if interval else ""
        rows.append({"name": name, "value": _number(value), "low": _number(low), "high": _number(high), "note": note})
    return rows


def _at_threshold(point: AtThreshold) -> dict[str, Any]:
    return {"name": point.name, "threshold": point.threshold, "metrics": _metrics(point)}


def _subgroup(group: Subgroup) -> dict[str, Any]:
    wanted = asdict(group)
    return {
        **{name: wanted[name] for name in ("column", "value", "cases", "patients")},
        "metrics": _metrics(group),
    }


def _baseline(record: Evaluation) -> dict[str, Any] | None:
    """What always answering the commonest class would reach."""
    if record.task != "classification" or not record.confusion:
        return None
    sizes = [sum(row) for row in record.confusion]
    place = max(range(len(sizes)), key=sizes.__getitem__)
    return {"always": record.classes[place], "accuracy": sizes[place] / max(1, sum(sizes))}


def _curves(record: Evaluation, cases: Cases) -> list[dict[str, Any]]:
    """ROC, precision-recall and calibration of each class; of two classes, of the positive one."""
    if record.task not in ("classification", "several labels") or cases.probabilities is None or cases.truth is None:
        return []
    positive = record.positive_place
    places = [positive] if positive is not None else range(len(record.classes))
    drawn = []
    for place in places:
        truth = cases.truth == place if record.task == "classification" else cases.truth[:, place] > 0
        probability = cases.probabilities[:, place]
        if not 0 < truth.sum() < len(truth):
            continue
        ranked = Ranked(probability, truth)
        drawn.append(
            {
                "class": record.classes[place],
                "positives": int(truth.sum()),
                "cases": len(truth),
                "roc": _points(ranked.roc()),
                "precision_recall": _points(ranked.precision_recall()),
                "calibration": _calibration(probability, truth),
            }
        )
    return drawn


def _points(curve: Curve) -> list[list[float]]:
    """The curve as [x, y], thinned out evenly where it has very many points; its ends stay."""
    count = len(curve.x)
    kept = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(int))
    return [[round(float(curve.x[place]), 5), round(float(curve.y[place]), 5)] for place in kept]


def _calibration(probability: Array, truth: Array) -> list[dict[str, float | int]]:
    """For cases in bands of probability: how probable they were on the mean, and how many had it."""
    bands = (band for band in reliability(probability, truth) if band.cases)
    return [
        {"predicted": round(band.said, 5), "observed": round(band.seen, 5), "cases": band.cases} for band in bands
    ]  # fmt: skip


def _scatter(record: Evaluation, cases: Cases) -> list[dict[str, Any]]:
    """True and predicted numbers of a regression, for each of its numbers; of very many cases, evenly chosen ones."""
    if record.task != "regression" or cases.truth is None or cases.predicted is None:
        return []
    kept = np.unique(np.linspace(0, len(cases) - 1, min(len(cases), _MOST_DOTS)).round().astype(int))
    truth, predicted = (values.reshape(len(cases), -1)[kept] for values in (cases.truth, cases.predicted))
    names = record.classes or ("",)
    units = units_each(record.unit, len(names)) or ("",) * len(names)
    return [
        {"name": name, "unit": unit, "points": np.stack([truth[:, place], predicted[:, place]], axis=1).tolist()}
        for place, (name, unit) in enumerate(zip(names, units, strict=True))
    ]


def _wrong(one: Measured) -> int | None:
    """How many cases were answered wrongly; None where there is no right and wrong."""
    return None if one.record.task in ("regression", "segmentation") else int((~one.cases.correct).sum())


def _worst(found: Gathered, one: Measured) -> list[dict[str, Any]]:
    return [_case(found, one, place) for place in _worst_places(one)]


def _worst_places(one: Measured) -> list[int]:
    return [int(place) for place in np.argsort(-one.cases.error, kind="stable")[:_WORST]]


def _shown(found: Gathered) -> dict[str, str]:
    """Pictures of the worst cases, by the pseudonyms of the cases."""
    return {
        found.pseudonyms.of(str(one.cases.case[place])): address
        for one in found.measured
        if one.record.task
        for place, address in pictures_of(found, one, _worst_places(one)).items()
    }


def _case(found: Gathered, one: Measured, place: int) -> dict[str, Any]:
    cases, record = one.cases, one.record
    names = found.pseudonyms
    truth, predicted = boxes_told(cases, place) if record.task == "detection" else (
        _told(record, cases.truth, place), _told(record, cases.predicted, place)
    )  # fmt: skip
    known = bool(cases.patient_known[place])
    return {
        "row": place + 1,
        "case": names.of(str(cases.case[place])),
        "patient": names.of(str(cases.patient[place])) if known else None,
        "truth": truth,
        "predicted": predicted,
        "confidence": _number(float(cases.confidence[place])),
        "error": _number(float(cases.error[place])),
        "overlaps": _overlaps(record.classes, cases.overlaps, place),
    }


def _told(record: Evaluation, values: Array | None, place: int) -> Any:
    """A truth or an answer as people say it."""
    if values is None:
        return None
    if record.task == "classification":
        return record.classes[int(values[place])]
    if record.task == "several labels":
        return "; ".join(name for name, has in zip(record.classes, values[place], strict=True) if has)
    if record.task == "regression" and values.ndim == 2:
        return spoken(values[place])
    if record.task == "regression":
        return _number(float(values[place]))
    raise RunError(f"An evaluation of the task “{record.task}” holds answers that are not known.")


def _overlaps(classes: tuple[str, ...], overlaps: Mapping[str, Array], place: int) -> dict[str, dict[str, Any]]:
    return {
        measure: {name: _number(float(value)) for name, value in zip(classes, values[place], strict=True)}
        for measure, values in overlaps.items()
    }


def _number(value: float | None) -> float | None:
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None
