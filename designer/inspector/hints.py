"""What an empty field of a source stands for, said in the field itself."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from nodes.roles import DataSource
from nodes.spec import NodeType
from runtime.graph import Json


def hint(kind: type[NodeType] | None, name: str, settings: Mapping[str, Json]) -> str:
    """The words in an empty field, "" for the usual ones."""
    if kind is None or not issubclass(kind, DataSource):
        return ""
    tr = QCoreApplication.translate
    size = settings.get("found_size")
    found = "×".join(str(side) for side in size) if isinstance(size, list | tuple) else ""
    hints = {
        "labels": tr("Hints", "found by itself"),
        "patients": tr("Hints", "as the files say"),
        "size": tr("Hints", "found: {0}").format(found) if found else tr("Hints", "commonest found"),
    }
    return hints.get(name, "")
