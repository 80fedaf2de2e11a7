"""Where a wire leaves a port that its source has nothing for: another port to draw it from, or other labels."""

from __future__ import annotations

from collections.abc import Mapping

from nodes.roles import DataSource
from nodes.spec import Kind, NodeType, Port, Target, Value

_WAYS = {
    "class": "sort the images into one folder for each class, or name a table (CSV) with a column of classes as labels",
    "labels": "name a table (CSV) with one column of yes and no for each label",
    "number": "name a table (CSV) with a column of numbers as labels",
    "mask": "put the masks into a folder “masks” beside the images, or name the folder of masks as labels",
    "boxes": "put box files (Pascal VOC or COCO) beside the images",
}


def way_out(source: NodeType | None, wanted: str, end: Port, offered: Mapping[str, Value]) -> str:
    """The ports of the source whose values fit the port where the wire ends; else how the folder gets such labels."""
    ports = source.outputs if source is not None else ()
    fitting = [port.name for port in ports if port.name in offered and _fits(port, offered[port.name], end)]
    fitting = [name for name in fitting if _replaces(name, wanted)]
    if fitting:
        return f"draw the wire from {' or '.join(f'“{name}”' for name in fitting)}."
    if isinstance(source, DataSource) and wanted in _WAYS:
        choices = tuple(getattr(source, "choices", ()))
        if choices and wanted == "mask":
            return f"name one of its folders of masks ({', '.join(choices)}) as labels."
        return f"its folder has no labels of that kind: {_WAYS[wanted]}, and attach the folder again."
    return "remove the wire."


def _replaces(port: str, wanted: str) -> bool:
    """Whether a port can stand in for the one wanted: an image is no label, and a class is no outline."""
    return wanted not in _WAYS or (port in _WAYS and wanted not in ("mask", "boxes"))


def _fits(start: Port, value: Value, end: Port) -> bool:
    if not start.kind.fits(end.kind):
        return False
    label = value.label if isinstance(value, Target) else "image"
    return end.kind is not Kind.TARGET or not end.labels or label in end.labels
