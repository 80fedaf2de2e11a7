"""The values of a trial put onto the canvas, as one edit that undo takes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from designer.project import Project
from runtime.errors import RunError
from runtime.ranges import Choice
from runtime.search.space import with_values


def take_over(project: Project, number: int, values: Mapping[str, Choice]) -> tuple[str, str]:
    """Put the values into the drawing; gives what is said of it, and in which tone."""
    document = project.document
    gone = [key for key in values if (node := key.rpartition(".")[0]) and node not in document.nodes]
    try:
        wanted = with_values(document.graph(), values)
    except RunError as error:
        return str(error), "error"
    with document.edit(_tr("take over trial {0}").format(number)):
        for key, value in values.items():
            node_id, _, name = key.rpartition(".")
            if node_id in document.nodes:
                setting: dict[str, Any] = {name: value}
                document.change(node_id, **setting)
        document.train_with(wanted.training)
    if gone:
        return _tr("Trial {0} is taken over, but for nodes that are not there any more: {1}.").format(
            number, ", ".join(gone)
        ), "warning"
    return _tr("The values of trial {0} are on the canvas. Undo takes them back.").format(number), "good"


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPage", text)
