"""Large numbers as people read them: 18.9 M, 0.5 MB, 26 146, with thin spaces that no line breaks at. No torch."""

from __future__ import annotations

THIN = "\u202f"
_COUNTS = ("", "k", "M", "G", "T")
_SIZES = ("B", "kB", "MB", "GB", "TB")
_FULL_UNIT = 0.3  # of the next unit, from which on that one is used: 0.5 MB, but 131 kB


def thousands(number: int) -> str:
    """All digits, in groups of three."""
    return f"{number:,}".replace(",", THIN)


def short(count: int) -> str:
    """A count in thousands (k), millions (M), thousand millions (G) with three digits at most."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_COUNTS) - 1:
        value, unit = value / 1000, unit + 1
    return _joined(_rounded(value), _COUNTS[unit])


def memory(count: int) -> str:
    """Bytes in kB, MB, GB (thousands, as disks and papers count)."""
    value, unit = float(count), 0
    while value >= _FULL_UNIT * 1000 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    return _joined(_rounded(value), _SIZES[unit])


def _rounded(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 99.95 else f"{value:.0f}"


def _joined(number: str, unit: str) -> str:
    return f"{number}{THIN}{unit}" if unit else number
