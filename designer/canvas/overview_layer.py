"""The drawing from far away: every bar and wire in a few batched calls, instead of one call an item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from designer.theme import Theme

_HALO = 2.5  # what is selected stands out by so many pixels of the screen, however far away
_BADGE = 9.0
_FADED = 70
_THIN = 0.06  # below this scale a bar is drawn as a line


class Stroke(NamedTuple):
    """How a line is drawn; a tuple, because each frame of a drag groups thousands of lines by it."""

    color: str
    dashed: bool = False


_NO_STROKE = Stroke("")


@dataclass(frozen=True, slots=True)
class Look:
    """How an item looks from far away, in scene pixels."""

    box: QRectF | None = None
    color: str = ""
    lines: tuple[QLineF, ...] = ()
    stroke: Stroke = _NO_STROKE
    badge: Literal["", "error", "warning"] = ""
    lit: bool = False  # outlined, as the selected ones are
    ringed: bool = False  # the keyboard is at it
    faded: bool = False


class LayeredItem(QGraphicsItem):
    """An item that draws itself where its text can be read, and leaves its look to the layer where it cannot."""

    layer: OverviewLayer | None = None

    def look(self) -> Look:
        """The item from far away."""
        return Look()

    def redraw(self) -> None:
        """It looks different from now on."""
        self.update()
        if self.layer is not None:
            self.layer.touch(self)


class OverviewLayer(QObject):
    """Keeps the looks of all items; only those that were touched are asked again."""

    changed = Signal()  # something looks different: told at once, and once in a turn of the event loop

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks: dict[LayeredItem, Look] = {}
        self._stale: dict[LayeredItem, None] = {}
        self._boxes: dict[tuple[str, bool], list[QRectF]] = {}
        self._lines: dict[Stroke, list[QLineF]] = {}
        self._bars: dict[tuple[str, bool], list[QLineF]] = {}
        self._standing_out: list[Look] = []
        self._grouped = False
        self.version = 0  # goes up with each change
        self._told = False
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._begin_turn)

    def add(self, item: LayeredItem) -> None:
        """Draw this item from now on."""
        item.layer = self
        self.touch(item)

    def remove(self, item: LayeredItem) -> None:
        """Do not draw this item any more."""
        item.layer = None
        self._stale.pop(item, None)
        self._looks.pop(item, None)
        self._regroup()

    def touch(self, item: LayeredItem) -> None:
        """This item looks different."""
        self._stale[item] = None
        self._regroup()

    def forget(self) -> None:
        """All look different: the colours changed."""
        self._stale.update(dict.fromkeys(self._looks))
        self._regroup()

    def draw(self, painter: QPainter, scale: float, selected: Iterable[QGraphicsItem]) -> None:
        """Draw everything; what stands out does so at any scale."""
        self._freshen()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        _draw_lines(painter, self._lines)
        self.draw_bars(painter, scale)
        chosen = [look for item in selected if isinstance(item, LayeredItem) and (look := self._looks.get(item))]
        _draw_lit(painter, [*chosen, *(look for look in self._standing_out if look.lit)], scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for look in self._standing_out:
            if look.box is not None:
                _draw_marks(painter, look, look.box, scale)

    def draw_bars(self, painter: QPainter, scale: float) -> None:
        """Draw the bars alone; none gets lost where it is less than a pixel high."""
        self._freshen()
        if scale >= _THIN:
            _draw_boxes(painter, self._boxes)
            return
        self._bars = self._bars or {fill: [_along(box) for box in boxes] for fill, boxes in self._boxes.items()}
        for (color, faded), lines in self._bars.items():
            pen = QPen(_fill(color, faded=faded), 1.5)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLines(lines)

    def stir(self) -> None:
        """What is drawn beside the layer's own items looks different."""
        self.version += 1
        if not self._told:
            self._told = True
            self._turn.start()
            self.changed.emit()

    def _regroup(self) -> None:
        self._grouped = False
        self.stir()

    def _begin_turn(self) -> None:
        self._told = False

    def _freshen(self) -> None:
        if self._grouped:
            return
        for item in self._stale:
            self._looks[item] = item.look()
        self._stale.clear()
        looks = self._looks.values()
        self._boxes, self._lines, self._bars = _boxes_of(looks), _lines_of(looks), {}
        self._standing_out = [look for look in looks if look.badge or look.lit or look.ringed]
        self._grouped = True


def _boxes_of(looks: Iterable[Look]) -> dict[tuple[str, bool], list[QRectF]]:
    grouped: dict[tuple[str, bool], list[QRectF]] = defaultdict(list)
    for look in looks:
        if look.box is not None:
            grouped[look.color, look.faded].append(look.box)
    return grouped


def _lines_of(looks: Iterable[Look]) -> dict[Stroke, list[QLineF]]:
    grouped: dict[Stroke, list[QLineF]] = defaultdict(list)
    for look in looks:
        if look.lines:
            grouped[look.stroke].extend(look.lines)
    return grouped


def _draw_lines(painter: QPainter, grouped: dict[Stroke, list[QLineF]], *, lit: bool = False) -> None:
    for stroke, lines in grouped.items():
        pen = QPen(QColor(Theme.current().accent if lit else stroke.color), 2 if lit else 1)
        pen.setCosmetic(True)
        if stroke.dashed:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLines(lines)


def _draw_boxes(painter: QPainter, grouped: dict[tuple[str, bool], list[QRectF]]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for (color, faded), boxes in grouped.items():
        painter.setBrush(_fill(color, faded=faded))
        painter.drawRects(boxes)


def _fill(color: str, *, faded: bool) -> QColor:
    fill = QColor(color)
    fill.setAlpha(_FADED if faded else 255)
    return fill


def _along(box: QRectF) -> QLineF:
    return QLineF(box.left(), box.center().y(), box.right(), box.center().y())


def _draw_lit(painter: QPainter, looks: list[Look], scale: float) -> None:
    """Selected wires thick, and selected bars with a halo, both above all others."""
    _draw_lines(painter, _lines_of(looks), lit=True)
    wide = max(_HALO / scale, 3.0)
    halos = [look.box.adjusted(-wide, -wide, wide, wide) for look in looks if look.box is not None]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(Theme.current().accent))
    painter.drawRects(halos)
    _draw_boxes(painter, _boxes_of(looks))


def _draw_marks(painter: QPainter, look: Look, box: QRectF, scale: float) -> None:
    """The ring of the keyboard, and the badge of a problem."""
    theme, wide = Theme.current(), 4.0 / scale
    if look.ringed:
        pen = QPen(QColor(theme.accent), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-wide, -wide, wide, wide))
    if look.badge:
        pen = QPen(QColor(theme.canvas), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.error if look.badge == "error" else theme.warning))
        _draw_badge(painter, look.badge, box, max(_BADGE / scale, 0.5 * box.height()))


def _draw_badge(painter: QPainter, badge: str, bar: QRectF, size: float) -> None:
    """At the right end: a disc for an error, a triangle for a note."""
    box = QRectF(bar.right() - size * 0.75, bar.center().y() - size / 2, size, size)
    if badge == "error":
        painter.drawEllipse(box)
    else:
        painter.drawPolygon([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()])
