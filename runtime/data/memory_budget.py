"""How much memory the data may take: what the user sets in NETLOOM_MEMORY (such as 2GB), else a quarter of it.

It holds for what this program keeps of the data at once: decoded files that wait, and pages of the cache that are
mapped. The network, its optimizer and the libraries are not data, and come on top.
"""

from __future__ import annotations

import os
import re

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_USUAL = 2 * 2**30
LEAST = 2**24


def data_bytes() -> int:
    """The budget in bytes. Raises ValueError, in words, for a setting that is no amount."""
    return memory_setting(os.environ["NETLOOM_MEMORY"]) if os.environ.get("NETLOOM_MEMORY") else _quarter()


def decoding_bytes() -> int:
    """What decoded files that wait for their turn may take: a quarter of the budget."""
    return data_bytes() // 4


def mapped_bytes() -> int:
    """What mapped pages of the cache may take before they are given back: half of the budget."""
    return data_bytes() // 2


def resident_bytes() -> int:
    """What the cases of one part may take that stay in memory as a whole: an eighth of the budget."""
    return data_bytes() // 8


def batch_bytes() -> int:
    """What batches that wait for their turn may take: an eighth of the budget."""
    return data_bytes() // 8


def memory_setting(text: str) -> int:
    """The bytes of a memory budget such as 500MB. Raises ValueError, in words, for what is none, or too little."""
    amount = amount_of(text, "The memory for data")
    if amount < LEAST:
        raise ValueError(f"The memory for data is “{text}”; {LEAST // 2**20} MiB or more are needed.")
    return amount


def amount_of(text: str, what: str) -> int:
    """The bytes of an amount such as 500MB or 2 GiB; `what` names it in the complaint (ValueError) about another."""
    found = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([a-zA-Z]*)\s*", text)
    unit = _UNITS.get(found[2].casefold()) if found else None
    if found is None or unit is None:
        raise ValueError(f"{what} is “{text}”; an amount such as 500MB or 2GB fits.")
    return int(float(found[1]) * unit)


def _quarter() -> int:
    """A quarter of the machine's memory; 2 GiB where the system does not tell it."""
    try:
        return max(LEAST, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4)
    except (AttributeError, ValueError, OSError):
        return _USUAL
