"""What is written over a picture: sides of the patient, scale bar, measured line, what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from designer.data.frame import Frame
from designer.data.outlines import Outline, paint_outlines
from designer.data.windowing import MASK_COLORS
from designer.theme import font
from runtime.data.catalogue import Box

_MARGIN = 10
_LINE = 17
_TEXT = QColor("#f2f4f7")
_SHADE = QColor(0, 0, 0, 190)
_INK = QColor("#101215")
_RULER = QColor("#ffd54a")
_NAMED_FROM = 40.0  # screen pixels: a smaller box is told apart by its colour alone
_BAR = 140.0  # screen pixels at most


@dataclass(frozen=True, slots=True)
class BoxMark:
    """One box in pixels of the picture, what is in it, and its colour."""

    place: QRectF
    name: str
    colour: str


@dataclass(slots=True)
class Marks:
    """`letters` are left, right, top, bottom, None when the file does not say; lines stand in the upper corners."""

    letters: Sequence[str] | None = None
    ruler: tuple[QPointF, QPointF, str] | None = None  # two places in pixels of the picture, and what is between
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    boxes: tuple[BoxMark, ...] = ()
    outlines: Sequence[Outline] = ()
    curves: bool = False  # the picture shows the curves of a signal: nothing on it has a length in mm
    leads: tuple[str, ...] = ()  # the names of the curves, from above


def boxes_of(boxes: Sequence[Box], classes: Sequence[str]) -> tuple[BoxMark, ...]:
    """The boxes of an image as they are drawn, each class in its colour."""
    colours = {name: MASK_COLORS[place % len(MASK_COLORS)] for place, name in enumerate(classes)}
    return tuple(
        BoxMark(
            QRectF(QPointF(box.left, box.top), QPointF(box.right, box.bottom)),
            box.label,
            colours.get(box.label, MASK_COLORS[0]),
        )
        for box in boxes
    )


def paint_marks(painter: QPainter, room: QRect, frame: Frame, marks: Marks) -> None:
    """Everything that is written on the picture."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(small=True))
    align = Qt.AlignmentFlag
    _boxes(painter, frame, marks.boxes)
    if marks.outlines:
        paint_outlines(painter, marks.outlines, frame.box(), (frame.rows, frame.columns))
    for side, lines in ((align.AlignLeft, marks.left), (align.AlignRight, marks.right)):
        for place, line in enumerate(lines):
            box = QRectF(room.adjusted(_MARGIN, _MARGIN - 2 + place * _LINE, -_MARGIN, 0))
            box.setHeight(_LINE)
            _write(painter, box, side | align.AlignTop, line)
    if not marks.curves:
        _scale_bar(painter, room, frame)
    _leads(painter, frame.box(), marks.leads)
    if marks.letters:
        painter.setFont(font(bold=True))
        inner = QRectF(room.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN))
        sides = (align.AlignLeft, align.AlignRight, align.AlignTop, align.AlignBottom)
        for side, letter in zip(sides, marks.letters, strict=True):
            across = align.AlignVCenter if side in (align.AlignLeft, align.AlignRight) else align.AlignHCenter
            _write(painter, inner, side | across, letter)
    if marks.ruler is not None:
        _ruler(painter, frame, marks.ruler)


def _leads(painter: QPainter, picture: QRectF, names: Sequence[str]) -> None:
    """The name of each curve at the right above it."""
    for place, name in enumerate(names):
        top = picture.top() + picture.height() * place / len(names)
        box = QRectF(picture.left(), top + 1, picture.width() - _MARGIN, _LINE)
        _write(painter, box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, name)


def paint_message(painter: QPainter, room: QRect, message: str) -> None:
    """A sentence where a picture would be."""
    painter.setFont(font())
    painter.setPen(QColor("#9aa3af"))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(QRectF(room.adjusted(32, 32, -32, -32)), flags, message)


def _write(painter: QPainter, box: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Bright with a dark edge: read on white and on black."""
    painter.setPen(_SHADE)
    for step in (QPointF(1, 1), QPointF(-1, 0), QPointF(0, -1)):
        painter.drawText(box.translated(step), flags, text)
    painter.setPen(_TEXT)
    painter.drawText(box, flags, text)


def _scale_bar(painter: QPainter, room: QRect, frame: Frame) -> None:
    long, length, unit = frame.bar(min(_BAR, room.width() / 4))
    left, bottom = float(room.left() + _MARGIN), float(room.bottom() - _MARGIN - 2)
    for colour, width in ((_SHADE, 4.0), (_TEXT, 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(left, bottom), QPointF(left + long, bottom))
        for end in (left, left + long):
            painter.drawLine(QPointF(end, bottom - 5), QPointF(end, bottom))
    said = f"{length:g} {unit}" if unit == "mm" else f"{length:g} px (spacing unknown)"
    _write(painter, QRectF(left, bottom - 24, 240, 16), Qt.AlignmentFlag.AlignLeft, said)


def _boxes(painter: QPainter, frame: Frame, boxes: Sequence[BoxMark]) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in boxes:
        place = QRectF(frame.point(box.place.topLeft()), frame.point(box.place.bottomRight()))
        for colour, width in ((_SHADE, 3.0), (QColor(box.colour), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(place)
        wide = painter.fontMetrics().horizontalAdvance(box.name) + 8.0
        if place.width() >= max(wide, _NAMED_FROM):
            line = QRectF(place.left() - 1, place.top() - 1, wide, _LINE)
            painter.fillRect(line, QColor(box.colour))
            painter.setPen(_INK)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, box.name)


def _ruler(painter: QPainter, frame: Frame, ruler: tuple[QPointF, QPointF, str]) -> None:
    start, end = frame.point(ruler[0]), frame.point(ruler[1])
    for colour, width in ((_SHADE, 4.0), (_RULER, 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(start, end)
    painter.setBrush(_RULER)
    for point in (start, end):
        painter.drawEllipse(point, 3, 3)
    painter.setFont(font(bold=True))
    _write(painter, QRectF(end.x() + 8, end.y() + 4, 120, 20), Qt.AlignmentFlag.AlignLeft, ruler[2])
