"""The palette's list: Enter adds, and a press that moves takes the type along under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QListWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from designer.canvas import node_paint
from designer.canvas.measures import HEIGHT, WIDTH
from designer.theme import Theme, font
from nodes.spec import NodeType

KIND = Qt.ItemDataRole.UserRole
USES = Qt.ItemDataRole.UserRole + 1
_PAD = 10


class PaletteList(QListWidget):
    """Rows of node types. Dragging is a gesture of our own: Qt's cannot be followed by tests nor taken back by us."""

    activated_type = Signal(object)
    dragged = Signal(object, QPoint)
    dropped = Signal(object, QPoint)
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIconSize(QSize(16, 16))
        self.setSpacing(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Palette"))
        self.setItemDelegate(_Badged(self))
        self.setEditTriggers(QListWidget.EditTrigger.NoEditTriggers)
        self._pressed: tuple[type[NodeType], QPoint] | None = None
        self._ghost: QLabel | None = None

    def current_type(self) -> type[NodeType] | None:
        """The type of the current row."""
        item = self.currentItem()
        kind = item.data(KIND) if item is not None else None
        return kind if isinstance(kind, type) and issubclass(kind, NodeType) else None

    def step(self, by: int) -> None:
        """Go to the next row up or down that holds a type."""
        row = self.currentRow() + by
        while 0 <= row < self.count():
            if self.item(row).data(KIND) is not None:
                self.setCurrentRow(row)
                return
            row += by

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        item = self.itemAt(event.position().toPoint())
        kind = item.data(KIND) if item is not None else None
        if event.button() is Qt.MouseButton.LeftButton and kind is not None:
            self._pressed = (kind, event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        kind, start = self._pressed
        at = event.position().toPoint()
        if self._ghost is None and (at - start).manhattanLength() >= QApplication.startDragDistance():
            self._ghost = _ghost(kind, self.window())
        if self._ghost is not None:
            place = event.globalPosition().toPoint()
            corner = self.window().mapFromGlobal(place)
            self._ghost.move(corner - self._ghost.rect().center())
            self.dragged.emit(kind, place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, moving = self._pressed, self._ghost is not None
        self._end()
        if pressed is not None and moving:
            self.dropped.emit(pressed[0], event.globalPosition().toPoint())
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        kind = self.current_type()
        if kind is not None:
            self.activated_type.emit(kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        kind = self.current_type()
        if event.key() == Qt.Key.Key_Escape and self._ghost is not None:
            self._end()
            self.given_up.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and kind is not None:
            self.activated_type.emit(kind)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _end(self) -> None:
        self._pressed = None
        if self._ghost is not None:
            self._ghost.hide()
            self._ghost.deleteLater()
            self._ghost = None


class _Badged(QStyledItemDelegate):
    """Draws a row, and at its right end how often a block is used."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The row, then the number."""
        super().paint(painter, option, index)
        uses = index.data(USES)
        if uses is None:
            return
        painter.save()
        painter.setFont(font(small=True))
        painter.setPen(QColor(Theme.current().muted))
        box = option.rect.adjusted(0, 0, -_PAD, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{uses}×")
        painter.restore()


def _ghost(kind: type[NodeType], window: QWidget) -> QLabel:
    """A picture of the bar, to follow the pointer."""
    ratio = window.devicePixelRatioF()
    picture = QPixmap(round((WIDTH + 2) * ratio), round((HEIGHT + 2) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.85)
    painter.translate(1, 1)
    node_paint.paint_body(painter, Theme.current(), kind.category)
    node_paint.paint_texts(painter, Theme.current(), kind.title, "", "", badge=False)
    painter.end()
    ghost = QLabel(window)
    ghost.setPixmap(picture)
    ghost.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    ghost.resize(round(WIDTH + 2), round(HEIGHT + 2))
    ghost.show()
    return ghost
