"""The cases of an evaluation as a table for people: as the run folder holds it, with a name for each case."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import numpy as np

from designer.evaluation.measured import Measured
from runtime.evaluation.kept import case_table
from runtime.spreadsheet import safe_cell


def cases_as_csv(measured: Measured, places: Sequence[int], name_of: Callable[[int], str]) -> str:
    """These cases in this order; `name_of` names a case as it may be named."""
    told = case_table(measured.record, measured.cases.chosen(np.asarray(places, np.int64)))
    headers, *rows = csv.reader(io.StringIO(told))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", *headers])
    writer.writerows([safe_cell(name_of(case)), *row] for case, row in zip(places, rows, strict=True))
    return text.getvalue()
