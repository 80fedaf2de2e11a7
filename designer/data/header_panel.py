"""The header of the file that is shown: searched, sequences folded, identifiers hidden until they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from designer.data.names import Names
from designer.data.pixel_server import Answer, PixelServer
from designer.data.search_field import search_field
from designer.parts import label, row_of
from designer.theme import Theme

_HIDDEN = "•••••"


class HeaderPanel(QWidget):
    """Asks for the header of a file when it is looked at."""

    def __init__(self, server: PixelServer, names: Names, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._server = server
        self._names = names
        self._asked: tuple[Path, str] | None = None  # what is shown, or asked for
        self._wanted: tuple[Path, str] | None = None
        self._rows: Sequence[Mapping[str, Any]] = ()
        self.search = search_field(self.tr("Search: tag, name, kind or value"), self.tr("Search in the header"))
        self.private = QCheckBox(self.tr("Private"))
        self.private.setToolTip(self.tr("Show the makers' own (private) elements too"))
        self.private.setChecked(True)
        self.note = label("", "small")
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([self.tr("Tag"), self.tr("Name"), self.tr("VR"), self.tr("Value")])
        self.tree.setAccessibleName(self.tr("Header"))
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.tree.setIndentation(12)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        head = self.tree.header()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setStretchLastSection(True)
        for column, width in enumerate((112, 150, 36)):
            self.tree.setColumnWidth(column, width)
        copy = QAction(self.tr("Copy rows"), self.tree)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.tree.addAction(copy)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.setSpacing(8)
        box.addLayout(row_of(self.search, self.private, stretch=0))
        box.addWidget(self.note)
        box.addWidget(self.tree, 1)
        self.search.textChanged.connect(self.refresh)
        self.private.toggled.connect(self.refresh)

    def look_at(self, path: Path | None, kind: str = "dicom") -> None:
        """Another file; it is read when the panel is seen."""
        self._wanted = (path, kind) if path is not None else None
        if self._wanted is None:
            self._asked, self._rows = None, ()
            self.refresh()
        elif self.isVisible():
            self._ask()

    def showEvent(self, event: Any) -> None:
        """The panel is seen: read what is wanted."""
        super().showEvent(event)
        self._ask()

    def copy(self) -> None:
        """The chosen rows to the clipboard, with tabs between, as they are shown."""
        rows = ["\t".join(item.text(column) for column in range(4)) for item in self.tree.selectedItems()]
        QGuiApplication.clipboard().setText("\n".join(rows))

    def refresh(self) -> None:
        """Show the rows that fit the search."""
        self.tree.clear()
        words = self.search.text().casefold().split()
        for row in self._rows:
            self._add(self.tree.invisibleRootItem(), row, words)
        if words:
            self.tree.expandAll()
        self.tree.setColumnHidden(0, not any(row["tag"] for row in self._rows))
        shown = self.tree.topLevelItemCount()
        if not self._rows:
            self.note.setText(
                self.tr("Choose an image: its header is shown here.") if self._wanted is None else self.note.text()
            )
            return
        hidden = "" if self._names.shown else self.tr(" Identifiers are hidden (“Show names” shows them).")
        self.note.setText(self.tr("%s of %s elements.%s") % (shown, len(self._rows), hidden))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "tree"):
            self.refresh()

    def _ask(self) -> None:
        wanted = self._wanted
        if wanted is None or wanted == self._asked:
            return
        self._asked = wanted
        request = {"ask": "header", "path": str(wanted[0]), "kind": wanted[1]}
        self._server.ask(request, lambda answer: self._on_answer(wanted, answer))

    def _on_answer(self, asked: tuple[Path, str], answer: Answer) -> None:
        if asked != self._asked:
            return
        self._rows = answer.get("rows", ())
        self.refresh()
        if "error" in answer:
            self.note.setText(self._names.hidden_in(str(answer["error"])))

    def _add(self, above: QTreeWidgetItem, row: Mapping[str, Any], words: Sequence[str]) -> bool:
        """Add a row and those below it, if it or one of them fits; whether it was added."""
        if row["private"] and not self.private.isChecked():
            return False
        hidden = row["identifier"] and not self._names.shown
        value = _HIDDEN if hidden and row["value"] else str(row["value"])
        item = QTreeWidgetItem([str(row["tag"]), str(row["name"]), str(row["vr"]), value])
        below = [self._add(item, inner, words) for inner in row["rows"]]
        said = f"{row['tag']} {row['name']} {row['vr']} {value}".casefold()
        if not any(below) and not all(word in said for word in words):
            return False
        item.setToolTip(1, str(row["name"]))
        item.setToolTip(3, value)
        if row["private"]:
            item.setForeground(1, QColor(Theme.current().muted))
        above.addChild(item)
        return True
