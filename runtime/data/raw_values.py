"""Values of a header straight from their bytes, for the plain ones that most files hold: a few times as fast.

Whatever is not plain (other encodings, several values, odd lengths) is left to the reader: the answer is then None.
"""

from __future__ import annotations

from functools import lru_cache

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

_TEXTS = frozenset(["CS", "DA", "DS", "IS", "LO", "LT", "SH", "ST", "TM", "UI", "UT"])
ESCAPE = b"\x1b"  # begins another character set


@lru_cache(maxsize=256)
def tag_of(keyword: str) -> tuple[BaseTag, str]:
    """The tag and the usual VR of a keyword."""
    tag = BaseTag(tag_for_keyword(keyword) or 0)
    return tag, dictionary_VR(tag)


def is_there(dataset: Dataset, keyword: str) -> bool:
    """Whether the data set has the element, empty or not."""
    return tag_of(keyword)[0] in dataset._dict


def plain_text(dataset: Dataset, keyword: str) -> str | None:
    """One text in ASCII without its padding; "" when the element is absent; None when it is not so plain."""
    tag, usual = tag_of(keyword)
    element = dataset._dict.get(tag)
    if element is None:
        return ""
    if not isinstance(element, RawDataElement) or (element.VR or usual) not in _TEXTS:
        return None
    value = element.value
    if value is None:
        return ""
    if not isinstance(value, bytes) or not value.isascii() or b"\\" in value or ESCAPE in value:
        return None
    return value.decode("ascii").strip(" \0")


def plain_number(dataset: Dataset, keyword: str) -> int | None:
    """An unsigned number of two bytes; None when the element is absent or not so plain."""
    tag, usual = tag_of(keyword)
    element = dataset._dict.get(tag)
    if not isinstance(element, RawDataElement) or (element.VR or usual) != "US":
        return None
    value = element.value
    if not isinstance(value, bytes) or len(value) != 2:
        return None
    return int.from_bytes(value, "little" if element.is_little_endian else "big")
