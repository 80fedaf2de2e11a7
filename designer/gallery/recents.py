"""A list of projects opened before: a picture of each, its folder, when that was; what is gone says so."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from designer import remember
from designer.gallery.card import Pressed, still
from designer.gallery.flow import Flow
from designer.gallery.picture import GraphPicture
from designer.gallery.reader import Reader, Seen
from designer.parts import label
from designer.theme import metrics

_PICTURE = QSize(48, 64)
_LEAST = 300
_HEIGHT = 80
_CROSS = 24


class RecentProjects(QWidget):
    """The projects opened last, newest first."""

    chosen = Signal(object)  # a Path
    count_changed = Signal(int)

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.rows: list[RecentRow] = []
        self._reader = reader
        self._flow = Flow(12, least=_LEAST, parent=self)

    def refresh(self) -> None:
        """Show the list as it is remembered now, and look at the files again."""
        for row in self.rows:
            self._flow.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RecentRow(opened, self._reader) for opened in remember.opened()]
        for row in self.rows:
            self._reader.forget(row.opened.path)
            row.open.clicked.connect(lambda _checked=False, path=row.opened.path: self.chosen.emit(path))
            row.remove.clicked.connect(lambda _checked=False, gone=row: self._forget(gone))
            row.open.goes.connect(lambda key, at=row: self._walk(at, key))
            self._flow.addWidget(row)
        self.count_changed.emit(len(self.rows))

    def _forget(self, row: RecentRow) -> None:
        remember.forget_project(row.opened.path)
        at = self.rows.index(row)
        self.refresh()
        if self.rows:
            self.rows[min(at, len(self.rows) - 1)].open.setFocus()

    def _walk(self, row: RecentRow, key: Qt.Key) -> None:
        columns, at = self._flow.columns(self.width()), self.rows.index(row)
        steps = {
            Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Up: at - columns,
            Qt.Key.Key_Down: at + columns, Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.rows) - 1,
        }  # fmt: skip
        if 0 <= steps[key] < len(self.rows):
            self.rows[steps[key]].open.setFocus(Qt.FocusReason.TabFocusReason)


class RecentRow(QWidget):
    """One project: pressed it is opened; a cross takes it off the list and leaves the file alone."""

    def __init__(self, opened: remember.Opened, reader: Reader) -> None:
        super().__init__()
        self.opened = opened
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(_LEAST)
        self.open = Pressed()
        self.open.setParent(self)
        self.remove = QPushButton("×", self)
        self.remove.setFixedSize(_CROSS, _CROSS)
        self.remove.setStyleSheet("padding: 0; min-width: 0; min-height: 0;")
        self.remove.setToolTip(self.tr("Take this project off the list. Its file stays as it is."))
        self.remove.setAccessibleName(self.tr("Take %s off the list") % opened.path.stem)
        self.picture = GraphPicture(reader, opened.path, _PICTURE)
        self.when = self.tr("opened %s") % remember.moment(opened.when) if opened.when is not None else ""
        self.title = still(label("", "title", wrap=False))
        self.folder = still(label("", "small", wrap=False))
        self.state = still(label(self.when, "small"))
        self._fill()
        self._tell(None)
        reader.seen.connect(self._on_seen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button is as large as the row; the cross stands on its corner."""
        super().resizeEvent(event)
        self.open.setGeometry(self.rect())
        self.remove.move(self.width() - _CROSS - 8, 8)
        self.remove.raise_()
        room = self.width() - _PICTURE.width() - 36.0
        name = metrics(bold=True).elidedText(self.opened.path.stem, Qt.TextElideMode.ElideRight, room - _CROSS - 8)
        self.title.setText(name)
        folder = metrics(small=True).elidedText(str(self.opened.path.parent), Qt.TextElideMode.ElideMiddle, room)
        self.folder.setText(folder)

    def _fill(self) -> None:
        row = QHBoxLayout(self.open)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self.picture)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.title.setContentsMargins(0, 0, _CROSS + 8, 0)
        for text in (self.title, self.folder, self.state):
            column.addWidget(text)
        column.addStretch(1)
        row.addLayout(column, 1)

    def _on_seen(self, path: str, seen: Seen) -> None:
        if path == str(self.opened.path):
            self._tell(seen)

    def _tell(self, seen: Seen | None) -> None:
        """Say when it was opened, or what is wrong with its file."""
        path = self.opened.path
        wrong, tip = "", ""
        if seen is not None and seen.missing:
            wrong = self.tr("The file is not there any more.")
            tip = self.tr("It was moved, renamed or deleted, or its drive is not connected. Connect the drive, open "
                          "the project where it is now, or take it off the list with the cross.")  # fmt: skip
        elif seen is not None and seen.wrong:
            wrong, tip = self.tr("The file cannot be opened."), seen.wrong
        self.state.setText(wrong or self.when)
        self.state.setProperty("role", "wrong" if wrong else "small")
        self.state.style().polish(self.state)
        self.open.setAccessibleName(
            ", ".join(text for text in (path.stem, str(path.parent), wrong or self.when) if text)
        )
        self.open.setAccessibleDescription(tip)
        self.open.setToolTip("\n".join(text for text in (str(path), wrong, tip) if text))
