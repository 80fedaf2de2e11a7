"""For an empty drawing: the templates that can learn what the data offer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from designer.data.survey import Found
from designer.parts import button, label
from runtime.templates import Template, fitting

_BUTTONS = 3
_MEANT = {"number": "image-regression", "numbers": "several-numbers", "labels": "several-labels"}
"""The template that is made for such labels, where others can learn them too; it is offered first."""


class TemplatesOffer(QWidget):
    """Buttons for the first templates that fit, and a list of the others; hidden when there is nothing to offer."""

    chosen = Signal(str)  # the template's name, "" for the source alone

    def __init__(self) -> None:
        super().__init__()
        self._offered: tuple[str, ...] | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.hide()

    def offer(self, found: Found | None) -> None:
        """Show the templates for these data; None offers nothing."""
        templates = _in_order(found) if found is not None else []
        self.setVisible(found is not None)
        offered = tuple(entry.name for entry in templates) if found is not None else None
        if offered == self._offered:
            return
        self._offered = offered
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._row.addWidget(label(self.tr("The drawing is empty. Begin with"), "muted", wrap=False))
        for index, entry in enumerate(templates[:_BUTTONS]):
            self._add(entry.name, button(entry.title, entry.says, primary=index == 0))
        if len(templates) > _BUTTONS:
            self._row.addWidget(self._others(templates[_BUTTONS:]))
        if found is not None:
            says = self.tr("An empty drawing with only this data source")
            self._add("", button(self.tr("Draw it myself"), says))

    def _others(self, templates: Sequence[Template]) -> QPushButton:
        made = button(self.tr("More networks"), self.tr("All other templates that can learn what these data offer"))
        menu = QMenu(made)
        menu.setToolTipsVisible(True)
        for entry in templates:
            action = menu.addAction(entry.title, partial(self.chosen.emit, entry.name))
            action.setObjectName(entry.name)
            action.setToolTip(entry.says)
        made.setMenu(menu)
        return made

    def _add(self, name: str, made: QPushButton) -> None:
        made.setObjectName(name or "alone")
        made.clicked.connect(lambda: self.chosen.emit(name))
        self._row.addWidget(made)


def _in_order(found: Found) -> list[Template]:
    """The templates that fit; the one made for such labels first."""
    several = found.label == "number" and bool(found.dataset.get("classes"))
    meant = _MEANT.get("numbers" if several else found.label, "")
    return sorted(fitting(found.label, str(found.dataset["source"])), key=lambda entry: entry.name != meant)
