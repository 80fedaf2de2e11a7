"""What an import took over, what it did not, and why; a row with a node leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.parts import label

_NODE = Qt.ItemDataRole.UserRole
_SIZE = QSize(760, 520)


class ImportReport(QDialog):
    """Stays beside the drawing until it is closed."""

    node_asked = Signal(str)

    def __init__(self, name: str, record: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Taken over: %s") % name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_SIZE)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(12)
        whole.addWidget(label(self.tr("Taken from the %s") % record.get("source", ""), "title"))
        whole.addWidget(label("\n".join(f"– {sentence}" for sentence in record.get("taken", ()))))
        left = list(record.get("left", ()))
        title = self.tr("Otherwise here, or not at all") if left else self.tr("Nothing was left out")
        whole.addWidget(label(title, "title"))
        self.table = _table(left)
        self.table.setAccessibleName(title)
        self.table.setHorizontalHeaderLabels([self.tr("In the file"), self.tr("Here")])
        self.table.cellClicked.connect(self._on_clicked)
        self.table.cellActivated.connect(self._on_clicked)
        self.table.setVisible(bool(left))
        whole.addWidget(self.table, 1)
        if not left:
            whole.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        whole.addWidget(buttons)

    def _on_clicked(self, row: int, _column: int) -> None:
        item = self.table.item(row, 0)
        node = str(item.data(_NODE) or "") if item is not None else ""
        if node:
            self.node_asked.emit(node)


def _table(left: list[Mapping[str, str]]) -> QTableWidget:
    table = QTableWidget(len(left), 2)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setWordWrap(True)
    table.setShowGrid(False)
    table.setStyleSheet("QTableView::item { padding: 4px 0; }")
    table.verticalHeader().hide()
    for row, one in enumerate(left):
        for column, text in enumerate((one["what"], one["why"])):
            item = QTableWidgetItem(text[:1].upper() + text[1:])
            item.setData(_NODE, one.get("node", ""))
            item.setToolTip(item.text())
            item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            table.setItem(row, column, item)
    head = table.horizontalHeader()
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    head.setHighlightSections(False)
    head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    head.resizeSection(0, 260)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return table
