"""The workspaces, one seen at a time; where the window is smaller than one needs, it can be scrolled."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget

_LEAST = QSize(320, 120)


class Pages(QStackedWidget):
    """As large as the page that is open needs, not as the largest of all."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = _Frame()
        self.frame.setWidget(self)
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """That of the open page."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else QSize()


class _Frame(QScrollArea):
    """What the pages are scrolled in on a small or much magnified screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("pages")

    def minimumSizeHint(self) -> QSize:
        """Small enough for a screen of 1920×1080 pixels at 300 %."""
        return _LEAST
