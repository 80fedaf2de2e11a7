"""A comment on the canvas: a small note with wrapped text."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from designer.canvas.measures import DETAIL, GRID
from designer.canvas.remark_facts import COLOURS, colour_of, paper, picture_of, text_of
from designer.canvas.remark_item import RemarkItem
from designer.gallery.idea import height_at, marks_of, paint_idea
from designer.theme import Theme, font
from runtime.graph import Node

PAD = 8.0
STRIPE = 4.0
_SHORT = 60
_ABOVE_WIRES = 0.5


class CommentItem(RemarkItem):
    """The note of one comment node."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.setZValue(_ABOVE_WIRES)

    def text_area(self) -> QRectF:
        """Where the text is written, from the note's own corner."""
        return self._inner().adjusted(0, above_text(picture_of(self.node), self.size.width()), 0, 0)

    def _inner(self) -> QRectF:
        return self.rect.adjusted(STRIPE + PAD, PAD, -PAD, -PAD)

    def name_box(self) -> QRectF:
        return self.scene_box().adjusted(STRIPE, 0, 0, 0)

    def accessible_text(self) -> str:
        text = " ".join(text_of(self.node).split())
        tr = QCoreApplication.translate
        if not text:
            return tr("Canvas", "{0}, empty").format(self.node.name)
        return tr("Canvas", "Comment: {0}").format(text)

    def short_text(self) -> str:
        """The beginning of what it says, in one line; its name while it is empty."""
        text = " ".join(text_of(self.node).split())
        return (text[: _SHORT - 1] + "…" if len(text) > _SHORT else text) or self.node.name

    def toolTip(self) -> str:
        return "" if self._fits() else text_of(self.node)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme, colour = Theme.current(), colour_of(self.node)
        painter.setPen(QPen(QColor(COLOURS[colour]), 1))
        painter.setBrush(paper(colour, theme))
        painter.drawRoundedRect(self.rect, 4, 4)
        painter.fillRect(QRectF(0, 2, STRIPE, self.size.height() - 4), QColor(COLOURS[colour]))
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) >= DETAIL:
            self._paint_picture(painter, theme)
            self._paint_text(painter, theme)
        self.paint_ring(painter, theme)

    def _paint_picture(self, painter: QPainter, theme: Theme) -> None:
        name, area = picture_of(self.node), self._inner()
        area.setHeight(height_at(area.width()))
        if marks_of(name) and area.bottom() <= self.size.height():
            paint_idea(painter, area, name, theme)

    def _paint_text(self, painter: QPainter, theme: Theme) -> None:
        text, area = text_of(self.node), self.text_area()
        painter.save()
        painter.setClipRect(area.adjusted(-2, -2, 2, 2), Qt.ClipOperation.IntersectClip)
        painter.setPen(QColor(theme.text if text else theme.muted))
        shown = text or QCoreApplication.translate("Canvas", "Press Enter to write here.")
        layout, lines = laid_out(shown, area.width())
        fitting = [line for line in lines if line.y() + line.height() <= area.height() + 1] or lines[:1]
        for line in fitting:
            line.draw(painter, area.topLeft())
        if len(fitting) < len(lines):
            painter.setFont(font(bold=True))
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, "…")
        del layout  # the lines belong to it
        painter.restore()

    def _fits(self) -> bool:
        return height_of(text_of(self.node), self.size.width(), picture_of(self.node)) <= self.size.height()


def laid_out(text: str, width: float) -> tuple[QTextLayout, list]:  # type: ignore[type-arg]
    """Plain text of any script, wrapped to a width; the lines live as long as the layout."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines, y = [], 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        line.setPosition(QPointF(0.0, y))
        y += line.height()
        lines.append(line)
    layout.endLayout()
    return layout, lines


def above_text(picture: str, width: float) -> float:
    """How much of a note of this width the picture of a template takes above the text."""
    return height_at(width - STRIPE - 2 * PAD) + PAD if marks_of(picture) else 0.0


def height_of(text: str, width: float, picture: str = "") -> float:
    """How high a note of this width must be to show its picture and its text, on the grid."""
    _layout, lines = laid_out(text, width - STRIPE - 2 * PAD)
    needed = (lines[-1].y() + lines[-1].height() if lines else 0.0) + 2 * PAD
    needed += above_text(picture, width)
    return float(-(-needed // GRID) * GRID)


def roomy(text: str, size: QSizeF, picture: str = "") -> QSizeF:
    """The size, or a higher one that shows all of the picture and the text."""
    return QSizeF(size.width(), max(size.height(), height_of(text, size.width(), picture)))
