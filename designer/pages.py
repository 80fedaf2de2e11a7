"""The workspaces, one seen at a time; where the window is smaller than one needs, it can be scrolled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

_LEAST = QSize(320, 120)


class Workspaces(Mapping[str, QWidget]):
    """The workspaces by their ids; one that is not there yet is made by being asked for."""

    def __init__(self, ways: Mapping[str, Callable[[], QWidget]]) -> None:
        self._ways = ways
        self._names: dict[QWidget | None, str] = {}

    def __getitem__(self, name: str) -> QWidget:
        workspace = self._ways[name]()
        self._names[workspace] = name
        return workspace

    def __iter__(self) -> Iterator[str]:
        return iter(self._ways)

    def __len__(self) -> int:
        return len(self._ways)

    def name_of(self, page: QWidget | None) -> str:
        """The id of a workspace that was asked for, "" for another page."""
        return self._names.get(page, "")


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
