"""A DICOM element as label: `tag:PatientSex`, `tag:PatientAge` or `tag:0018,0015`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from runtime.data.catalogue import DataError, Found, Skipped
from runtime.data.label_columns import are_numbers, is_missing, number_of
from runtime.data.label_records import BY_TAG, Labelling, no_label_of

_AGE = re.compile(r"(\d{3})([DWMY])")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_NUMBER = re.compile(r"\(?([0-9a-fA-F]{4}),?\s?([0-9a-fA-F]{4})\)?")


def tag_labels(folder: Path, wanted: str, images: Sequence[Found]) -> Labelling:
    """Classes or numbers from an element of each image's header; ages (VR AS) become years.

    Raises DataError when DICOM knows no such element, or no image has it.
    """
    tag, title = _tag(wanted.removeprefix(BY_TAG).strip())
    values = {item.path: value for item in images if (value := _value(folder / item.path, tag))}
    if not values:
        raise DataError(f"No image of the folder says anything for the DICOM element {title}: choose other labels.")
    numbers = are_numbers(list(values.values()))
    if numbers:
        values = {path: value for path, value in values.items() if not is_missing(value)}
    left = sorted(item.path for item in images if item.path not in values)
    classes = () if numbers else tuple(sorted(set(values.values())))
    noun = "class" if len(classes) == 1 else "classes"
    what = "a number" if numbers else f"{len(classes)} {noun} ({', '.join(classes[:8])})"
    return Labelling(
        kind="number" if numbers else "class",
        images=[item for item in images if item.path in values],
        labels={} if numbers else values,
        numbers={path: number_of(value) or 0.0 for path, value in values.items()} if numbers else {},
        classes=classes,
        chosen=wanted,
        said=(f"Labels are taken from the DICOM element {title}: {what}.",),
        warnings=(no_label_of(left, "their header", title),) if left else (),
        skipped=tuple(Skipped(path, f"has no {title}") for path in left),
    )


def _tag(wanted: str) -> tuple[int, str]:
    from pydicom.datadict import keyword_for_tag, tag_for_keyword

    match = _NUMBER.fullmatch(wanted)
    if match:
        number = int(match[1] + match[2], 16)
        return number, keyword_for_tag(number) or f"({match[1]},{match[2]})"
    found = tag_for_keyword(wanted)
    if found is None:
        raise DataError(
            f"DICOM knows no element '{wanted}': give its keyword, such as tag:PatientSex, or its number, such as "
            "tag:0010,0040."
        )
    return int(found), wanted


def _value(path: Path, tag: int) -> str:
    """What the image says, as text; "" when it says nothing."""
    from pydicom import dcmread

    from runtime.data.faults import READ_ERRORS
    from runtime.data.header import quietly

    try:
        with quietly():
            element = dcmread(path, force=True, stop_before_pixels=True, specific_tags=[tag]).get(tag)
            value = "" if element is None or element.value is None else element.value
            several = isinstance(value, list) or type(value).__name__ == "MultiValue"
            text = "\\".join(map(str, value)) if several else str(value).strip()
    except READ_ERRORS:
        return ""
    age = _AGE.fullmatch(text)
    return f"{int(age[1]) * _YEARS[age[2]]:.4g}" if age else text
