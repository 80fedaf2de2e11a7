"""A wire on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.node_item import NodeItem
from designer.canvas.node_paint import kind_color
from designer.canvas.overview_layer import LayeredItem, Look, Stroke
from designer.canvas.routes import Boxes, Ends, chords, route
from designer.theme import Theme, font, metrics
from nodes.spec import Kind
from runtime.graph import Wire

_GRIP = 10.0
_LABEL_ROOM = 100.0


class WireItem(LayeredItem):
    """The line of one wire, between the items of its two nodes."""

    def __init__(self, wire: Wire, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.wire = wire
        self.source = source
        self.target = target
        self.labelled = True
        self.marked = False
        self._path = QPainterPath()
        self._grip: QPainterPath | None = None
        self._outline = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setZValue(0)

    @property
    def kind(self) -> Kind:
        """What the wire is used as: an image that serves as target is a target."""
        spot = self.target.spots.get((True, self.wire.input))
        return spot.port.kind if spot is not None else Kind.TENSOR

    def path(self) -> QPainterPath:
        """The line in scene pixels."""
        return self._path

    def toolTip(self) -> str:
        return self.accessible_text()

    def accessible_text(self) -> str:
        """The wire in words."""
        start, end = self._title(False), self._title(True)
        return f"{self.source.node.name} ({start}) → {self.target.node.name} ({end})"

    def _title(self, is_input: bool) -> str:
        """What people call the port at one end."""
        end, name = (self.target, self.wire.input) if is_input else (self.source, self.wire.output)
        spot = end.spots.get((is_input, name))
        return spot.port.title if spot is not None else name

    def reroute(self, boxes: Boxes) -> list[QRectF]:
        """Find the way again; the first of several wires from one port carries its label. Gives the areas where a bar
        that comes or goes would lead to another way.
        """
        asked: list[QRectF] = []

        def asking(area: QRectF) -> list[QRectF]:
            asked.append(area)
            return boxes(area)

        path = route(self._ends(), asking)
        self.labelled = self._is_first()
        self.setZValue(0.5 if self.labelled else 0)  # no other wire strikes the label through
        if path != self._path:
            self.prepareGeometryChange()
            self._path = path
            self._grip = None
            room = _LABEL_ROOM if self.kind is Kind.TARGET else _GRIP
            self._outline = path.boundingRect().adjusted(-room, -_GRIP * 2, _GRIP, _GRIP)
        self.redraw()
        return asked

    def _is_first(self) -> bool:
        mine = (self.wire.source, self.wire.output)
        return next((item for item in self.source.wires if (item.wire.source, item.wire.output) == mine), None) is self

    def show_mark(self, marked: bool) -> None:
        """Outline the wire as the place where something is about to land."""
        self.marked = marked
        self.redraw()

    def boundingRect(self) -> QRectF:
        return self._outline

    def shape(self) -> QPainterPath:
        if self._grip is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(_GRIP)
            self._grip = stroker.createStroke(self._path)
        return self._grip

    def look(self) -> Look:
        kind = self.kind
        stroke = Stroke(kind_color(kind, Theme.current()).name(), kind is Kind.TARGET)
        return Look(lines=chords(self._path), stroke=stroke, lit=self.marked)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme, kind = Theme.current(), self.kind
        lit = self.isSelected() or self.marked
        pen = QPen(QColor(theme.accent) if lit else kind_color(kind, theme), 2.4 if lit else 1.6)
        if kind is Kind.TARGET:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPath(self._path)
        if kind is Kind.TARGET and self.labelled:
            self._paint_label(painter, theme)

    def _paint_label(self, painter: QPainter, theme: Theme) -> None:
        small = font(small=True)
        text = self._title(False)
        wide = metrics(small=True).horizontalAdvance(text)
        begins = self._path.elementAt(0)
        place = QPointF(begins.x - _GRIP - wide, begins.y - _GRIP / 2)
        letters = metrics(small=True).tightBoundingRect(text).translated(place)
        painter.fillRect(letters.adjusted(-1, -1, 1, 1), QColor(theme.canvas))
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        painter.drawText(place, text)

    def _ends(self) -> Ends:
        tensors = [spot for spot in self.target.spots.values() if spot.is_input and spot.port.kind is not Kind.TARGET]
        return Ends(
            start=self.source.spot_point(False, self.wire.output),
            end=self.target.spot_point(True, self.wire.input),
            source=self.source.scene_box(),
            target=self.target.scene_box(),
            to_target=self.kind is Kind.TARGET,
            enters_aside=len(tensors) == 1 and self.kind is not Kind.TARGET,
        )
