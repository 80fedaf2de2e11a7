"""The head of a part of a form that is needed rarely: a click shows its fields, another hides them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from designer.icons import icon


class Fold(QToolButton):
    """A flat button with an arrow; checked while the part is open."""

    def __init__(self, title: str, help: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[QWidget] = []
        self.setProperty("role", "fold")
        self.setText(title)
        self.setToolTip(help)
        self.setAccessibleName(title)
        self.setAccessibleDescription(help)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggled.connect(self._show)
        self._show(False)

    def take(self, *parts: QWidget) -> None:
        """These are shown while it is open."""
        self._parts += parts
        self._show(self.isChecked())

    def _show(self, opened: bool) -> None:
        self.setIcon(icon("chevron-down" if opened else "chevron-right"))
        for part in self._parts:
            part.setVisible(opened)
