"""The palette: every node type under its category, found by typing, drawn onto the canvas by Enter or by dragging."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from designer.canvas.matching import by_category, ranked
from designer.canvas.node_item import first_sentences
from designer.canvas.sheets import types_of_blocks, types_on, why_not_here
from designer.icons import tile_icon
from designer.palette.block_rows import BlockRows
from designer.palette.families import Families
from designer.palette.list import KIND, USES, PaletteList
from designer.project import Project
from designer.theme import Theme, font
from nodes.spec import Category, NodeType
from runtime.graph import block_of


class Palette(QWidget):
    """The list of node types with its search field."""

    asked = Signal(object)  # a node type, to add below the node that the keyboard is at
    dragged = Signal(object, QPoint)  # a node type is over this place of the screen
    dropped = Signal(object, QPoint)  # a node type was let go there
    given_up = Signal()  # a drag was taken back
    opened = Signal(str)  # the id of a block to look into
    said = Signal(str)  # why something was not done

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.suits: Callable[[type[NodeType]], bool] = lambda _kind: True  # whether a type suits the project's data
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(184)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Search layers, losses …"))
        self.field.setAccessibleName(self.tr("Search the palette"))
        self.field.setClearButtonEnabled(True)
        for clear in self.field.findChildren(QToolButton):
            clear.setAccessibleName(self.tr("Clear the search"))
        self.families = Families(self)
        self.list = PaletteList(self)
        self._none = QLabel(self.tr("Nothing is called so. Try a purpose, such as “smaller” or “classes”."), self)
        self._none.setProperty("role", "small")
        self._none.setWordWrap(True)
        self._none.hide()
        self._lay_out()
        self.field.textChanged.connect(self.fill)
        self.families.chosen.connect(self.show_family)
        self.field.installEventFilter(self)
        self.list.activated_type.connect(self.asked)
        self.list.dragged.connect(self.dragged)
        self.list.dropped.connect(self.dropped)
        self.list.given_up.connect(self.given_up)
        self.blocks = BlockRows(project, self.list)
        self.blocks.opened.connect(self.opened)
        self.blocks.said.connect(self.said)
        self._filled: object = None
        for signal in (project.place_changed, project.replaced, project.analysed):
            signal.connect(self.follow)
        self.fill("")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 12, 0, 0)
        layout.setSpacing(8)
        top = QVBoxLayout()
        top.setContentsMargins(0, 0, 8, 0)
        top.addWidget(self.field)
        top.addWidget(self.families)
        top.addWidget(self._none)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)

    def fill(self, query: str) -> None:
        """Show the types that match; all of them, under their categories, when nothing is asked."""
        row = self.list.currentRow() if query.strip() == "" else -1
        self.list.clear()
        offered = self._offered()
        types = [kind for members in by_category(offered).values() for kind in members]
        self._filled = self._offer_key()
        if query.strip():
            for kind in ranked(query, types, self.suits):
                self.list.addItem(self._entry(kind))
        else:
            for category, members in by_category(types).items():
                self.list.addItem(_heading(category, first=self.list.count() == 0))
                for kind in members:
                    self.list.addItem(self._entry(kind))
            if not any(kind.category is Category.BLOCK for kind in types):
                self.list.addItem(_heading(Category.BLOCK, first=False))
                self.list.addItem(_hint(self.tr("none yet: select nodes, Ctrl+G")))
            self.list.setCurrentRow(row)
        self._none.setVisible(self.list.count() == 0)
        if query.strip():
            self.list.setCurrentRow(0)

    def show_family(self, category: Category) -> None:
        """Scroll to a category, whatever was searched for."""
        self.field.clear()
        rows = range(self.list.count())
        kinds = {row: kind for row in rows if (kind := self.list.item(row).data(KIND)) is not None}
        first = next((row for row, kind in kinds.items() if kind.category is category), None)
        if first is None:  # there is no block yet: the hint is at the end
            self.list.scrollToBottom()
            return
        self.list.setCurrentRow(first)
        self.list.scrollToItem(self.list.item(first - 1), PaletteList.ScrollHint.PositionAtTop)

    def follow(self, _analysis: object = None) -> None:
        """The place, the blocks or the appearance changed: offer what can be added now."""
        if self._offer_key() != self._filled:
            self.fill(self.field.text())

    def _offered(self) -> list[type[NodeType]]:
        return types_on(self._project.document, self._project.place.sheet)

    def _offer_key(self) -> object:
        document, place = self._project.document, self._project.place
        blocks = types_of_blocks(document)
        return place.sheet, blocks, [len(document.uses_of(block_of(kind.id))) for kind in blocks], Theme.current()

    def _entry(self, kind: type[NodeType]) -> QListWidgetItem:
        item = _entry(kind)
        block = block_of(kind.id)
        if block:
            document = self._project.document
            item.setData(USES, len(document.uses_of(block)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            reason = why_not_here(document, self._project.place.sheet, kind.id)
            if reason:
                item.setToolTip(reason)
                item.setForeground(QColor(Theme.current().faint))
        return item

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_filled"):
            self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down:
                self.list.step(1)
            case Qt.Key.Key_Up:
                self.list.step(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                kind = self.list.current_type()
                if kind is not None:
                    self.asked.emit(kind)
            case Qt.Key.Key_Escape if self.field.text():
                self.field.clear()
            case _:
                return False
        return True


def _heading(category: Category, *, first: bool) -> QListWidgetItem:
    item = QListWidgetItem(QCoreApplication.translate("Nodes", category.title))
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    item.setFont(font(small=True, bold=True))
    item.setSizeHint(QSize(0, 24 if first else 38))
    item.setTextAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
    return item


def _hint(text: str) -> QListWidgetItem:
    item = QListWidgetItem(text)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    item.setFont(font(small=True))
    item.setSizeHint(QSize(0, 26))
    return item


def _entry(kind: type[NodeType]) -> QListWidgetItem:
    item = QListWidgetItem(tile_icon(kind.category, 16), QCoreApplication.translate("Nodes", kind.title))
    item.setData(KIND, kind)
    item.setToolTip(first_sentences(kind))
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, first_sentences(kind))
    item.setSizeHint(QSize(0, 26))
    return item
