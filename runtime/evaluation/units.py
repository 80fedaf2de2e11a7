"""The unit of the numbers that are learned, as far as their column names it. No torch."""

from __future__ import annotations

import re
from pathlib import Path

from runtime.data.catalogue import DataSet
from runtime.data.table_choice import table_in

_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,12})[)\]]\s*$")
_ENDING = re.compile(r"[_ ](mm|cm|m|mm2|cm2|mm3|cm3|ml|l|kg|g|years|days|hu|bpm|mmhg|%)$", re.IGNORECASE)
_WRITTEN = {"mm2": "mm²", "cm2": "cm²", "mm3": "mm³", "cm3": "cm³", "hu": "HU", "mmhg": "mmHg"}


def unit_of(dataset: DataSet) -> str:
    """The unit in the name of the column of labels: “diameter (mm)”, “diameter [mm]” or “diameter_mm”; "" for none."""
    _, column, _ = table_in(Path(dataset.folder), dataset.labels)
    found = _BRACKETS.search(column) or _ENDING.search(column)
    return "" if found is None else _WRITTEN.get(found[1].casefold(), found[1].strip())
