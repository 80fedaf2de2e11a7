"""What can be done to a block from its row in the palette: rename, open, duplicate, delete."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QListWidgetItem, QMenu

from designer.canvas.naming import rename_block
from designer.palette.list import KIND, PaletteList
from designer.project import Project
from runtime.document import Document
from runtime.graph import Wire, block_of


class BlockRows(QObject):
    """The context menu of the rows that stand for blocks; F2 renames one, Delete deletes one that nothing uses."""

    opened = Signal(str)  # block id
    said = Signal(str)

    def __init__(self, project: Project, listed: PaletteList) -> None:
        super().__init__(listed)
        self._project = project
        self._list = listed
        self.menu: QMenu | None = None
        listed.installEventFilter(self)
        listed.viewport().installEventFilter(self)
        listed.itemChanged.connect(self._renamed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and the right button, where they meet the row of a block."""
        if isinstance(event, QContextMenuEvent):
            by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
            item = self._list.currentItem() if by_key else self._list.itemAt(event.pos())
            return item is not None and self._open_menu(item, event)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and watched is self._list:
            block = self._block(self._list.currentItem())
            if block and event.key() == Qt.Key.Key_F2:
                self._list.editItem(self._list.currentItem())
                return True
            if block and event.key() == Qt.Key.Key_Delete:
                self.delete(block)
                return True
        return False

    def actions(self, block_id: str) -> list[QAction]:
        """The entries of the menu for a block."""
        uses = len(self._project.document.uses_of(block_id))
        made = []
        for text, do in (
            (self.tr("Rename …"), self.rename),
            (self.tr("Open"), self.opened.emit),
            (self.tr("Duplicate as an independent copy"), self.duplicate),
            (self.tr("Delete"), self.delete),
        ):
            action = QAction(text, self)
            action.triggered.connect(lambda _checked=False, do=do: do(block_id))
            made.append(action)
        if uses:
            made[-1].setEnabled(False)
            reason = self.tr("It is used {0} times; delete its uses, or take them apart, first.").format(uses)
            made[-1].setToolTip(reason)
        return made

    def rename(self, block_id: str) -> None:
        """Edit the name in its row."""
        for row in range(self._list.count()):
            if self._block(self._list.item(row)) == block_id:
                self._list.setCurrentRow(row)
                self._list.editItem(self._list.item(row))

    def duplicate(self, block_id: str) -> None:
        """Make a block like it, which can be changed by itself."""
        document = self._project.document
        with document.edit(self.tr("Duplicate {0}").format(document.blocks[block_id].name)):
            copied_block(document, block_id)

    def delete(self, block_id: str) -> None:
        """Delete a block that nothing uses."""
        document = self._project.document
        name, uses = document.blocks[block_id].name, len(document.uses_of(block_id))
        if uses:
            text = self.tr("“{0}” is used {1} times; delete its uses, or take them apart, first.")
            self.said.emit(text.format(name, uses))
            return
        with document.edit(self.tr("Delete the block {0}").format(name)):
            document.remove_block(block_id)

    def _open_menu(self, item: QListWidgetItem, event: QContextMenuEvent) -> bool:
        block = self._block(item)
        if not block:
            return False
        self.menu = QMenu(self._list)
        self.menu.setToolTipsVisible(True)
        self.menu.addActions(self.actions(block))
        self.menu.popup(event.globalPos())
        return True

    def _block(self, item: QListWidgetItem | None) -> str:
        kind = item.data(KIND) if item is not None else None
        return block_of(kind.id) if kind is not None else ""

    def _renamed(self, item: QListWidgetItem) -> None:
        block = self._block(item)
        name = item.text().strip()
        blocks = self._project.document.blocks
        if block in blocks and name:
            rename_block(self._project.document, block, name)
        elif block in blocks:
            item.setText(blocks[block].name)  # it cannot be nameless


def copied_block(document: Document, block_id: str) -> str:
    """A block like another, under a free name; gives its id. Inside an open edit."""
    block, nodes = document.blocks[block_id], document.on(block_id)
    made = document.add_block(block.name, block.help)
    fresh = {node.id: document.add(node.type, node.name, node.position, node.settings, made) for node in nodes.values()}
    for wire in document.wires:
        if wire.source in fresh and wire.target in fresh:
            document.connect(Wire(fresh[wire.source], wire.output, fresh[wire.target], wire.input))
    return made
