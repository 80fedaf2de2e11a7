"""Of a drawing that reads several folders: a button for each source, of which the pressed one is shown."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from designer.gallery.flow import Flow

_MOST_LETTERS = 32  # of a name on a button


class SourceChoice(QWidget):
    """Hidden while there is nothing to choose."""

    chosen = Signal(object)  # the id of a source that was not shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Whose cases are shown"))
        self.buttons: dict[str, QToolButton] = {}
        self.current = ""
        self._group = QButtonGroup(self)
        self._rows = Flow()
        self.setLayout(self._rows)
        self.hide()

    def show_sources(self, names: Mapping[str, str], current: str, why_not: str = "") -> None:
        """The sources by their ids, and which is shown; `why_not` keeps another from being chosen now."""
        if list(names) != list(self.buttons):
            self._make(names)
        self.current = current
        for source, made in self.buttons.items():
            name = names[source]
            made.setText(name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 1] + "…")
            made.setAccessibleName(self.tr("Cases of “%s”") % name)
            made.setChecked(source == current)
            made.setEnabled(source == current or not why_not)
            made.setToolTip(why_not if source != current and why_not else self.tr("Show what “%s” reads") % name)
        self.setVisible(len(names) > 1)

    def _make(self, names: Mapping[str, str]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.buttons = {source: self._button(source) for source in names}

    def _button(self, source: str) -> QToolButton:
        made = QToolButton()
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: self._on_clicked(source))
        self._group.addButton(made)
        self._rows.addWidget(made)
        return made

    def _on_clicked(self, source: str) -> None:
        if source != self.current:
            self.chosen.emit(source)
