"""The unit that the name of a column tells: “volume_ml”, “Age [years]”, “radius (mm)”. No torch."""

from __future__ import annotations

import re

_SPELLED = {
    "mm": "mm", "cm": "cm", "um": "µm", "µm": "µm", "nm": "nm", "mm2": "mm²", "cm2": "cm²", "mm3": "mm³", "cm3": "cm³",
    "m": "m", "ml": "ml", "l": "l", "dl": "dl", "g": "g", "mg": "mg", "kg": "kg", "ug": "µg", "ng": "ng",
    "mmol": "mmol", "mol": "mol",
    "year": "years", "years": "years", "yr": "years", "yrs": "years", "month": "months", "months": "months",
    "week": "weeks", "weeks": "weeks", "day": "days", "days": "days", "hour": "hours", "hours": "hours", "ms": "ms",
    "sec": "s", "hz": "Hz", "bpm": "bpm", "mmhg": "mmHg", "kpa": "kPa", "hu": "HU", "kev": "keV", "kvp": "kVp",
    "mgy": "mGy", "gy": "Gy", "msv": "mSv", "percent": "%", "pct": "%", "deg": "°", "degrees": "°", "celsius": "°C",
}  # fmt: skip
_LONGEST = 16


def unit_of(column: str) -> str:
    """The unit at the end of a column's name: in brackets any short one, behind _, - or a space a known one."""
    name = column.strip()
    bracketed = re.search(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]$", name)
    if bracketed:
        inside = bracketed.group(1)
        return inside if len(inside) <= _LONGEST and re.search(r"[^\W\d_]|[%°]", inside) else ""
    if name.endswith("%"):
        return "%"
    *before, last = re.split(r"[_\-\s]+", name)
    return _SPELLED.get(last.casefold(), "") if before else ""


def unit_shown(source: object, found: str = "") -> str:
    """The unit of the numbers that a source node gives: as the user set it, else as `found` now or when attached."""
    return str(getattr(source, "unit", "") or found or getattr(source, "found_unit", ""))
