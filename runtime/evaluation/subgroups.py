"""Results of parts of the cases: by a column of a table or a DICOM element. No torch.

What names a patient, an examination or a person is refused. What names a hospital or a machine stands in the run folder
as a salted pseudonym, numbers of many values as bands, ages as the bands below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataError, DataSet
from runtime.data.split_columns import column_values
from runtime.evaluation.cases import case_name
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases, Subgroup

Array = NDArray[Any]

MOST_VALUES = 20  # of a column of text: more would be identifiers
_AGES = (18, 40, 60, 80)  # years at which a band begins
_FEW_NUMBERS = 8  # so many different numbers are values of their own
_AGE = re.compile(r"0*(\d+)([YMWD])")  # DICOM's age string
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_PERSON = re.compile(
    r"patient.?(id|name|birth|address|phone|telephone)|other.?patient|accession|uid$|physician|operator|^name$|"
    r"^(study|series|case|subject|record|patient)?_?id$|^patient$|^mrn$|birth|^(path|file|filename|image|mask)$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"institution|hospital|station|clinic|^sites?$|cent(er|re)$|serial", re.IGNORECASE)


def group_values(
    dataset: DataSet,
    column: str,
    chosen: Sequence[int],
    salt: str,
    on_name: Callable[[str, str], None] | None = None,
) -> Array:
    """What a column says of some samples, as (N,) text; "" where it says nothing.

    `on_name(pseudonym, name)` is told of names that stand as a pseudonym. Raises DataError when there is no such
    column, and when its values would name people.
    """
    if _PERSON.search(column):
        raise DataError(
            f"“{column}” names patients, people or examinations, so there are no results by it; choose a column of "
            "groups, such as sex, age, scanner or site."
        )
    by_path = column_values(dataset, column, "to give results by")
    values = [by_path.get(dataset.samples[index].path, "").strip() for index in chosen]
    numbers = [_number(value) for value in values]
    if all(number is not None for number, value in zip(numbers, values, strict=True) if value) and any(values):
        return _banded(column, values, numbers)
    different = sorted({value for value in values if value})
    if len(different) > MOST_VALUES:
        raise DataError(
            f"“{column}” has {len(different)} different values in these cases; results are given by a column of at "
            f"most {MOST_VALUES}, because more would point at single patients."
        )
    if _PLACE.search(column):
        names = {value: pseudonym(salt, column, value) for value in different}
        for name, alias in names.items():
            if on_name is not None:
                on_name(alias, name)
        values = [names.get(value, "") for value in values]
    return np.array(values, np.str_)


def pseudonym(salt: str, column: str, value: str) -> str:
    """What stands for the name of a hospital or a machine."""
    return f"{column} {case_name(salt, value)[:4]}"


def subgroups_of(cases: Cases, measure: Callable[[Cases], Measured]) -> tuple[Subgroup, ...]:
    """The measures of the cases with each value of each of their columns, with patients counted within them."""
    found = []
    for column, values in cases.columns.items():
        for value in sorted(set(values.tolist()), key=_order):
            own = cases.chosen(values == value)
            result = measure(own)
            known = {name: number for name, number in result.metrics.items() if np.isfinite(number)}
            found.append(Subgroup(column, value, len(own), len(np.unique(own.patient)), known, result.intervals))
    return tuple(found)


def _order(value: str) -> tuple[bool, float, str]:
    """Numbers by what they are, then words, then what is not known."""
    first = re.match(r"(?:under |up to |over )?(-?\d+(?:\.\d+)?)", value)
    under = 0.5 if value.startswith(("under", "up to")) else 0.0
    return value == "", float(first[1]) - under if first else np.inf, value


def _number(value: str) -> float | None:
    age = _AGE.fullmatch(value)
    if age:
        return int(age[1]) * _YEARS[age[2]]
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _banded(column: str, values: Sequence[str], numbers: Sequence[float | None]) -> Array:
    """Numbers in bands: ages in those of `_AGES`, others of many values in quarters."""
    known = np.array([number for number in numbers if number is not None])
    if re.search(r"(^|[^a-z])age([^a-z]|$)", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).casefold()):
        return np.array(["" if number is None else _age_band(number) for number in numbers], np.str_)
    if len(np.unique(known)) <= _FEW_NUMBERS:
        return np.array(values, np.str_)
    ends = np.unique(np.quantile(known, (0.25, 0.5, 0.75)))
    words = [
        f"up to {ends[0]:.4g}",
        *(f"{low:.4g} to {high:.4g}" for low, high in pairwise(ends)),
        f"over {ends[-1]:.4g}",
    ]
    places = ["" if number is None else words[int(np.searchsorted(ends, number, side="left"))] for number in numbers]
    return np.array(places, np.str_)


def _age_band(years: float) -> str:
    place = int(np.searchsorted(_AGES, years, side="right"))
    if place == 0:
        return f"under {_AGES[0]}"
    if place == len(_AGES):
        return f"{_AGES[-1]} and older"
    return f"{_AGES[place - 1]}–{_AGES[place] - 1}"
