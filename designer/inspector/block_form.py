"""The form of an open block: its name, what it says of itself, its inputs, outputs and arguments in order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.canvas.naming import rename_block
from designer.inspector.fields import LineField
from designer.inspector.port_order import arguments_of, ends_of, reorder
from designer.inspector.rows import Rows, label, line
from designer.project import Project
from nodes.settings import Form, Setting
from runtime.graph import Node

_NAME = Setting(
    name="", form=Form.TEXT, default="", label="Name", help="What the block is called, wherever it is used."
)
_HELP = Setting(
    name="help", form=Form.TEXT, default="", label="Help", help="What the block does, for whoever uses it: a sentence."
)
_ROW = 26


class BlockForm(QWidget):
    """Shown while nothing is selected on a block's sheet."""

    chosen = Signal(str)  # node id

    def __init__(self, project: Project, block_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._block = block_id
        self.rows = Rows()
        for setting, edit in ((_NAME, self._rename), (_HELP, self._explain)):
            field = LineField(setting)
            field.edited.connect(edit)
            self.rows.add_field(field)
        self.lists = {
            "in": PortList(self.tr("Inputs, from left to right"), self),
            "out": PortList(self.tr("Outputs, from left to right"), self),
            "argument": PortList(self.tr("Arguments"), self),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(self.tr("Block"), "title"))
        text = self.tr("What is on this sheet stands in one node wherever the block is used.")
        column.addWidget(label(text, "muted", wraps=True))
        column.addWidget(self.rows)
        column.addWidget(line())
        for part in self.lists.values():
            part.ordered.connect(self._reorder)
            part.chosen.connect(self.chosen)
            column.addWidget(part)
        self.show_block()

    def show_block(self) -> None:
        """Show the block as it is."""
        document = self._project.document
        block = document.blocks.get(self._block)
        if block is None:
            return
        self.rows.fields[""].show_value(block.name)
        self.rows.fields["help"].show_value(block.help)
        ends = ends_of(document, self._block)
        self.lists["in"].show_nodes([node for node, entry in ends if entry])
        self.lists["out"].show_nodes([node for node, entry in ends if not entry])
        self.lists["argument"].show_nodes(arguments_of(document, self._block))

    def _rename(self, name: object) -> None:
        text = str(name).strip()
        self.rows.complain("", "" if text else self.tr("A block needs a name; the one before is kept."))
        if self._block in self._project.document.blocks:
            rename_block(self._project.document, self._block, text, merge=f"rename {self._block}")

    def _explain(self, text: object) -> None:
        document = self._project.document
        if self._block in document.blocks:
            with document.edit(self.tr("Explain {0}").format(document.blocks[self._block].name), f"help {self._block}"):
                document.change_block(self._block, help=str(text))

    def _reorder(self, node_ids: tuple[str, ...]) -> None:
        document = self._project.document
        with document.edit(self.tr("Reorder the ports of {0}").format(document.blocks[self._block].name)):
            reorder(document, node_ids)
        self.show_block()


class PortList(QWidget):
    """Nodes in an order that is changed by dragging, by buttons, or by Ctrl with the arrow keys."""

    ordered = Signal(object)  # node ids
    chosen = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = _Ordered(self)
        self.list.setAccessibleName(title)
        self._none = label(self.tr("none; add some from the palette, family Blocks"), "small", wraps=True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(title, "muted"), 1)
        self.buttons = [self._button("▲", self.tr("Move up"), -1), self._button("▼", self.tr("Move down"), 1)]
        for button in self.buttons:
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.list)
        column.addWidget(self._none)
        self.list.moved.connect(lambda: self.ordered.emit(self.ids()))
        self.list.stepped.connect(self._step)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(Qt.ItemDataRole.UserRole)))

    def ids(self) -> tuple[str, ...]:
        """The nodes in the order shown."""
        return tuple(self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count()))

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Put these nodes in the place of the old."""
        row = self.list.currentRow()
        self.list.clear()
        for node in nodes:
            item = QListWidgetItem(node.name)
            item.setData(Qt.ItemDataRole.UserRole, node.id)
            item.setSizeHint(QSize(0, _ROW))
            item.setToolTip(str(node.settings.get("help") or node.name))
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), len(nodes) - 1))
        self.list.setFixedHeight(_ROW * max(1, len(nodes)) + 4)
        self.list.setVisible(bool(nodes))
        self._none.setVisible(not nodes)
        for button in self.buttons:
            button.setVisible(len(nodes) > 1)

    def _button(self, text: str, tip: str, step: int) -> QToolButton:
        made = QToolButton(self)
        made.setText(text)
        made.setAutoRaise(True)
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.clicked.connect(lambda: self._step(step))
        return made

    def _step(self, by: int) -> None:
        row = self.list.currentRow()
        ids = list(self.ids())
        if 0 <= row < len(ids) and 0 <= row + by < len(ids):
            ids[row], ids[row + by] = ids[row + by], ids[row]
            self.list.setCurrentRow(row + by)
            self.ordered.emit(tuple(ids))


class _Ordered(QListWidget):
    moved = Signal()
    stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)
