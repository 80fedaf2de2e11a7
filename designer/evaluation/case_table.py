"""The cases of an evaluation as a table for people: what is true, what was answered, how sure, how far off."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence

from designer.evaluation.measured import WITH_CLASSES, Measured

Cell = str | float


def cases_as_csv(measured: Measured, places: Sequence[int], name_of: Callable[[int], str]) -> str:
    """These cases in this order; `name_of` names a case as it may be named."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", *_headers(measured)])
    writer.writerows([name_of(case), *_row(measured, case)] for case in places)
    return text.getvalue()


def _headers(measured: Measured) -> list[str]:
    record, cases = measured.record, measured.cases
    found = ["case", "patient", "error", "confidence"]
    if record.task in WITH_CLASSES:
        found += ["true", "predicted", "correct", *(f"p:{name}" for name in record.classes)]
    elif record.task == "regression":
        found += ["true", "predicted"]
    found += [f"{name}:{of}" for name in measured.overlaps for of in record.classes]
    return [*found, *cases.columns]


def _row(measured: Measured, case: int) -> list[Cell]:
    record, cases = measured.record, measured.cases
    found: list[Cell] = [str(cases.case[case]), str(cases.patient[case]), _number(cases.error[case]),
                         _number(cases.confidence[case])]  # fmt: skip
    if record.task in WITH_CLASSES:
        found += [measured.said(case), measured.said(case, answered=True), "yes" if cases.correct[case] else "no"]
        found += [_number(share) for share in cases.probabilities[case]] if cases.probabilities is not None else []
    elif record.task == "regression" and cases.truth is not None and cases.predicted is not None:
        found += [_number(cases.truth[case]), _number(cases.predicted[case])]
    found += [_number(value) for table in measured.overlaps.values() for value in table[case]]
    return [*found, *(str(column[case]) for column in cases.columns.values())]


def _number(value: float) -> Cell:
    return "" if math.isnan(value) else round(float(value), 6)
