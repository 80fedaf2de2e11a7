"""Paints the picture of the idea behind a template, at any scale, in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.gallery.scan import paint_scan
from designer.theme import Theme, category_color, font
from nodes.spec import Category
from runtime.idea import SHEET, Mark, read_mark
from runtime.templates import known

_LINE = 1.2
_HEAD = 4.5  # the length of an arrow's head
_LETTERS = 9
_BESIDE = 4.0  # how far the sheets of a stack stand apart
_ROUND = 2.0
_MOST_CELLS = 12


class IdeaPicture(QWidget):
    """The picture of one template; as wide as there is room for, up to `widest` pixels."""

    def __init__(self, widest: int) -> None:
        super().__init__()
        self.name = ""
        self._widest = widest
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Picture of the idea"))

    def show_template(self, name: str) -> None:
        """Show the picture of this template; nothing for a name that is none."""
        self.name = name
        self.setVisible(bool(marks_of(name)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._widest, round(height_at(self._widest)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widest * 3 // 4, round(height_at(self._widest * 3 / 4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width = min(float(self.width()), self.height() * SHEET[0] / SHEET[1], float(self._widest))
        paint_idea(painter, QRectF(0, 0, width, height_at(width)), self.name, Theme.current())


def height_at(width: float) -> float:
    """How high a picture of this width is."""
    return width * SHEET[1] / SHEET[0]


@cache
def marks_of(name: str) -> tuple[Mark, ...]:
    """The marks of a template's picture; none for a name that is none."""
    lines = next((entry.picture for entry in known() if entry.name == name), ())
    return tuple(read_mark(line) for line in lines)


def paint_idea(painter: QPainter, area: QRectF, name: str, theme: Theme) -> None:
    """Paint a template's picture into an area that has its shape."""
    marks = marks_of(name)
    if not marks:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.topLeft())
    painter.scale(area.width() / SHEET[0], area.width() / SHEET[0])
    for mark in marks:
        _PAINTERS[mark.kind](painter, mark, theme)
    painter.restore()


def role_color(role: str, theme: Theme) -> QColor:
    """The colour of a category, or of a role of the appearance."""
    own = {"text": theme.text, "muted": theme.muted, "faint": theme.faint, "accent": theme.accent, "good": theme.good,
           "wire": theme.wire, "wrong": theme.error}  # fmt: skip
    return QColor(own.get(role) or category_color(_ROLES.get(role)))


_ROLES = {category.name.lower(): category for category in Category}


def _fill(role: str, theme: Theme) -> QColor:
    """The role's colour, thinly over the ground."""
    color = role_color(role, theme)
    color.setAlphaF(0.42 if theme.dark else 0.32)
    return color


def _pen(role: str, theme: Theme, width: float = _LINE) -> QPen:
    return QPen(
        role_color(role, theme), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def letters(bold: bool = False) -> QFont:
    """The font of a picture."""
    made = QFont(font(bold=bold))
    made.setPixelSize(_LETTERS)
    return made


def _points(at: Sequence[float]) -> list[QPointF]:
    return [QPointF(x, y) for x, y in zip(at[::2], at[1::2], strict=True)]


def _write(
    painter: QPainter, middle: QPointF, text: str, color: QColor, *, bold: bool = False, left: bool = False
) -> None:
    painter.setFont(letters(bold))
    painter.setPen(color)
    room = QRectF(0, 0, 2 * SHEET[0], 14 * (text.count("\n") + 1))
    room.moveCenter(middle)
    if left:
        room.moveLeft(middle.x())
    aligned = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignHCenter
    painter.drawText(room, aligned | Qt.AlignmentFlag.AlignVCenter, text)


def _below(painter: QPainter, box: QRectF, mark: Mark, theme: Theme) -> None:
    """Write how many there are below it."""
    count = mark.text.partition("@")[0]
    if count:
        _write(painter, QPointF(box.center().x(), box.bottom() + 7), count, role_color("muted", theme))


def _body(painter: QPainter, box: QRectF, role: str, theme: Theme, radius: float = _ROUND) -> None:
    painter.setPen(_pen(role, theme))
    painter.setBrush(_fill(role, theme))
    radius = min(radius, box.width() / 4)
    painter.drawRoundedRect(box, radius, radius)


def _maps(painter: QPainter, mark: Mark, theme: Theme) -> None:
    box = QRectF(*mark.at)
    _body(painter, box, mark.role, theme)
    _below(painter, box, mark, theme)


def _list(painter: QPainter, mark: Mark, theme: Theme) -> None:
    box = QRectF(*mark.at)
    _body(painter, box, mark.role, theme, 1.0)
    cells = min(_MOST_CELLS, max(2, round(box.height() / 6)))
    for cell in range(1, cells):
        y = box.top() + box.height() * cell / cells
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
    _below(painter, box, mark, theme)


def _stack(painter: QPainter, mark: Mark, theme: Theme) -> None:
    x, y, width, height, count = mark.at
    ground = QColor(theme.panel)
    for sheet in range(int(count) - 1, -1, -1):
        box = QRectF(x + sheet * _BESIDE, y - sheet * _BESIDE, width, height)
        painter.fillRect(box, ground)
        _body(painter, box, mark.role, theme, 1.0)
    _below(painter, QRectF(x, y, width + (count - 1) * _BESIDE, height), mark, theme)


def _box(painter: QPainter, mark: Mark, theme: Theme) -> None:
    box = QRectF(*mark.at)
    _body(painter, box, mark.role, theme, 3.0)
    _write(painter, box.center(), mark.text, role_color("text", theme))


def _frame(painter: QPainter, mark: Mark, theme: Theme) -> None:
    painter.setPen(_pen(mark.role, theme, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = QRectF(*mark.at)
    painter.drawRect(box)
    if mark.text:
        _write(painter, QPointF(box.center().x(), box.top() - 6), mark.text, role_color(mark.role, theme), bold=True)


def _grid(painter: QPainter, mark: Mark, theme: Theme) -> None:
    x, y, width, height, columns, rows = mark.at
    painter.setPen(_pen(mark.role, theme, 0.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(x, y, width, height))
    for column in range(1, int(columns)):
        painter.drawLine(QPointF(x + width * column / columns, y), QPointF(x + width * column / columns, y + height))
    for row in range(1, int(rows)):
        painter.drawLine(QPointF(x, y + height * row / rows), QPointF(x + width, y + height * row / rows))


def _scan(painter: QPainter, mark: Mark, theme: Theme) -> None:
    paint_scan(painter, QRectF(*mark.at), mark.text, role_color(mark.role, theme))


def _bars(painter: QPainter, mark: Mark, theme: Theme) -> None:
    """Lengths side by side, each beside the whole that it is of."""
    x, y, width, height = mark.at
    lengths = [float(one) for one in mark.text.split()]
    step = height / len(lengths)
    for place, length in enumerate(lengths):
        row = QRectF(x, y + place * step + step * 0.15, width, step * 0.7)
        painter.setPen(_pen("faint", theme, 0.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(row)
        painter.fillRect(
            QRectF(row.topLeft(), row.bottomLeft() + QPointF(width * length, 0)), role_color(mark.role, theme)
        )


def _text(painter: QPainter, mark: Mark, theme: Theme) -> None:
    _write(painter, QPointF(*mark.at), mark.text, role_color(mark.role, theme), bold=mark.role == "accent",
           left=mark.kind == "left")  # fmt: skip


def _sign(painter: QPainter, mark: Mark, theme: Theme) -> None:
    middle = QPointF(*mark.at)
    painter.setPen(_pen(mark.role, theme))
    painter.setBrush(QColor(theme.panel))
    painter.drawEllipse(middle, 6.5, 6.5)
    _write(painter, middle, mark.text, role_color("text", theme), bold=True)


def _dot(painter: QPainter, mark: Mark, theme: Theme) -> None:
    x, y, radius = mark.at
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(role_color(mark.role, theme))
    painter.drawEllipse(QPointF(x, y), radius, radius)


def _line(painter: QPainter, mark: Mark, theme: Theme) -> None:
    pen = _pen(mark.role, theme)
    if mark.kind == "dashed":
        pen.setDashPattern([3, 3])
    painter.setPen(pen)
    points = _points(mark.at)
    for start, end in pairwise(points):
        painter.drawLine(start, end)
    if mark.kind == "arrow":
        _head(painter, points[-2], points[-1], mark.role, theme)


def _curve(painter: QPainter, mark: Mark, theme: Theme) -> None:
    points = _points(mark.at)
    path = QPainterPath(points[0])
    for start, end in pairwise(points):
        middle = (start.x() + end.x()) / 2
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
    painter.strokePath(path, _pen(mark.role, theme))


def _arc(painter: QPainter, mark: Mark, theme: Theme) -> None:
    start, end, bend = QPointF(*mark.at[:2]), QPointF(*mark.at[2:4]), mark.at[4]
    lift = QPointF(0, bend * 4 / 3)
    path = QPainterPath(start)
    path.cubicTo(start + lift, end + lift, end)
    painter.strokePath(path, _pen(mark.role, theme))
    _head(painter, path.pointAtPercent(0.9), end, mark.role, theme)


def _head(painter: QPainter, start: QPointF, end: QPointF, role: str, theme: Theme) -> None:
    way = end - start
    length = max((way.x() ** 2 + way.y() ** 2) ** 0.5, 1e-6)
    along = way / length * _HEAD
    across = QPointF(-along.y(), along.x()) * 0.5
    path = QPainterPath(end)
    path.lineTo(end - along + across)
    path.lineTo(end - along - across)
    path.closeSubpath()
    painter.fillPath(path, role_color(role, theme))


_PAINTERS: dict[str, Callable[[QPainter, Mark, Theme], None]] = {
    "maps": _maps, "list": _list, "stack": _stack, "box": _box, "frame": _frame, "grid": _grid, "scan": _scan,
    "bars": _bars, "text": _text, "left": _text, "sign": _sign, "dot": _dot, "line": _line, "dashed": _line,
    "arrow": _line, "curve": _curve, "arc": _arc,
}  # fmt: skip
