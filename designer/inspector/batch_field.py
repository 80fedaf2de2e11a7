"""The batch size, with a button that has one found by trial."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from designer.batch_search import BatchSearch
from designer.inspector.fields import LineField
from nodes.settings import Setting


class BatchField(LineField):
    """A number; while sizes are tried, the button ends that."""

    def __init__(self, setting: Setting, search: BatchSearch, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self._search = search
        self.button = QPushButton()
        self.button.clicked.connect(self._on_click)
        self.row.addWidget(self.button)
        search.changed.connect(self._follow)
        self._follow()

    def _on_click(self) -> None:
        if self._search.running:
            self._search.cancel()
        else:
            self._search.start()

    def _follow(self) -> None:
        running = self._search.running
        self.button.setText(self.tr("Cancel") if running else self.tr("Find"))
        tip = self.tr("Try batch sizes with real training steps on this computer, and take the one that suits.")
        self.button.setToolTip(self.tr("Try no further; the batch size stays.") if running else tip)
        self.button.setAccessibleName(self.tr("Cancel finding") if running else self.tr("Find the batch size"))
