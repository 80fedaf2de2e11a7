"""The picture in the middle of the viewer: it is scrolled, windowed, moved, measured; it decodes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from designer.data.frame import Frame
from designer.data.slice_marks import BoxMark, Marks, boxes_of, paint_marks, paint_message
from designer.data.slices import Picture
from designer.data.windowing import Window, grey, overlay
from runtime.data.catalogue import Box

Tool = Literal["window", "pan", "measure"]
_NOTCH = 120  # of a wheel
_KEY_LEVEL = 0.05  # of the width, for one press of a key
_KEY_WIDTH = 1.1
_PIXELS_SEEN_FROM = 6.0  # screen pixels for a pixel: from here on it is shown as a square


class SliceView(QWidget):
    """Shows one Picture; wheel and keys ask for others."""

    stepped = Signal(int)  # so many slices on
    jumped = Signal(bool)  # to the last slice, or the first
    windowed = Signal(object)  # the Window that was dragged to
    hovered = Signal(object)  # QPointF in pixels of the picture, or None
    measured = Signal(str)
    tool_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 200)
        self.setAccessibleName(self.tr("Image"))
        self.frame = Frame()
        self.picture: Picture | None = None
        self.window_ = Window(128, 256)
        self.inverted = False
        self.opacity = 0.45
        self.mask_shown = True
        self.mask_values: tuple[int, ...] = ()
        self.marks = Marks()
        self.tool: Tool = "window"
        self.message = ""
        self._drawn: QImage | None = None
        self._mask: QImage | None = None
        self._boxes: tuple[BoxMark, ...] = ()
        self._pressed: tuple[QPointF, Qt.MouseButton, Window, QPointF] | None = None
        self._turned = 0

    def show_picture(self, picture: Picture | None, message: str = "") -> None:
        """Another slice; zoom and place stay. Without one the message is shown."""
        self.picture, self.message = picture, message
        if picture is not None and picture.values is not None:
            rows, columns = picture.values.shape[-2:]
            spacing = picture.display.get("spacing_mm")
            self.frame.rows, self.frame.columns = rows, columns
            self.frame.spacing = (float(spacing[0]), float(spacing[1])) if spacing else None
            self.marks.letters = picture.display.get("letters")
        self.redraw()

    def show_boxes(self, boxes: Sequence[Box], classes: Sequence[str]) -> None:
        """The boxes of this slice, in the colours of their classes."""
        self._boxes = boxes_of(boxes, classes)
        self.marks.boxes = self._boxes if self.mask_shown else ()
        self.update()

    def show_window(self, window: Window) -> None:
        """Other greys for the same values."""
        self.window_ = window
        self.redraw()

    def show_mask(self, shown: bool, opacity: float) -> None:
        """The mask over the picture, or not."""
        self.mask_shown, self.opacity = shown, opacity
        self.marks.boxes = self._boxes if shown else ()
        self.redraw()

    def redraw(self) -> None:
        """Make the picture anew from its values."""
        self._drawn = self._mask = None
        self.update()

    def fit(self) -> None:
        """All of the picture."""
        self.frame.fit()
        self.update()

    def actual(self) -> None:
        """Pixel for pixel, also where the screen has several for each of the window's."""
        self.frame.actual()
        self.frame.zoom = 1.0 / self.devicePixelRatioF()
        self.update()

    def value_at(self, pixel: QPointF) -> tuple[float, ...] | None:
        """The values under a place of the picture, one for each channel; None outside."""
        values = self.picture.values if self.picture is not None else None
        row, column = int(pixel.y() // 1), int(pixel.x() // 1)
        if values is None or not (0 <= row < values.shape[-2] and 0 <= column < values.shape[-1]):
            return None
        return tuple(float(value) for value in values[:, row, column])

    def mask_at(self, pixel: QPointF) -> int | None:
        """The number of the mask under a place of the picture."""
        mask = self.picture.mask if self.picture is not None else None
        row, column = int(pixel.y() // 1), int(pixel.x() // 1)
        inside = mask is not None and 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
        return int(mask[row, column]) if inside and mask is not None else None

    # Qt's own

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, its mask, and what is written on it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        picture = self.picture
        if picture is None or picture.values is None:
            paint_message(painter, self.rect(), self.message)
            return
        self._prepare(picture)
        box = self.frame.box()
        smooth = max(self.frame.scale) < _PIXELS_SEEN_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        if self._drawn is not None:
            painter.drawImage(box, self._drawn)
        if self._mask is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(box, self._mask)
        paint_marks(painter, self.rect(), self.frame, self.marks)

    def _prepare(self, picture: Picture) -> None:
        if self._drawn is None and picture.values is not None:
            self._drawn = grey(picture.values, self.window_, self.inverted)
        if self._mask is None and picture.mask is not None and self.mask_shown:
            self._mask = overlay(picture.mask, self.mask_values, self.opacity)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another room for the picture."""
        super().resizeEvent(event)
        self.frame.room = QSizeF(self.size())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Through the slices, or with Ctrl nearer and farther."""
        event.accept()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.frame.zoom_by(1.2 ** (event.angleDelta().y() / _NOTCH), event.position())
            self.update()
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            self.stepped.emit(-steps)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pressed = (event.position(), event.button(), self.window_, self.frame.shift)
        if self._doing() == "measure":
            self.marks.ruler = None
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Window, move or measure while a button is held; tell where the mouse is."""
        self.hovered.emit(self.frame.pixel(event.position()))
        if self._pressed is None:
            return
        start, _, window, shift = self._pressed
        way = event.position() - start
        match self._doing():
            case "pan":
                self.frame.shift = shift + way
            case "window":
                self.windowed.emit(window.moved(way.y() / 300, 2 ** (way.x() / 150)))
            case "measure":
                self._measure(start, event.position())
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The drag is over."""
        self._pressed = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """All of the picture again."""
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is elsewhere."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The mouse is over the picture."""
        super().enterEvent(event)
        self.hovered.emit(self.frame.pixel(event.position()))

    def _doing(self) -> Tool:
        button = self._pressed[1] if self._pressed is not None else Qt.MouseButton.NoButton
        if button == Qt.MouseButton.LeftButton:
            return self.tool
        return "window" if button == Qt.MouseButton.RightButton and self.tool != "window" else "pan"

    def _measure(self, start: QPointF, end: QPointF) -> None:
        first, last = self.frame.pixel(start), self.frame.pixel(end)
        far, unit = self.frame.length(first, last)
        self.marks.ruler = (first, last, f"{far:.1f} {unit}")
        self.measured.emit(f"{far:.1f} {unit}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Every gesture has a key."""
        done = self._keys().get((event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)))
        if done is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        done()
        self.update()

    def _keys(self) -> dict[tuple[int, bool], Callable[[], object]]:
        key, middle = Qt.Key, QPointF(self.rect().center())
        keys: dict[tuple[int, bool], Callable[[], object]] = {
            (key.Key_Home, False): lambda: self.jumped.emit(False),
            (key.Key_End, False): lambda: self.jumped.emit(True),
            (key.Key_F, False): self.fit,
            (key.Key_0, False): self.fit,
            (key.Key_1, False): self.actual,
            (key.Key_Minus, False): lambda: self.frame.zoom_by(1 / 1.2, middle),
            (key.Key_Escape, False): lambda: setattr(self.marks, "ruler", None),
            (key.Key_W, False): lambda: self.tool_asked.emit("window"),
            (key.Key_P, False): lambda: self.tool_asked.emit("pan"),
            (key.Key_M, False): lambda: self.tool_asked.emit("measure"),
            (key.Key_O, False): lambda: self.tool_asked.emit("mask"),
            (key.Key_I, False): lambda: self.tool_asked.emit("invert"),
        }
        for shift in (False, True):  # a plus needs Shift on many keyboards
            keys[key.Key_Plus, shift] = keys[key.Key_Equal, shift] = lambda: self.frame.zoom_by(1.2, middle)
        steps = {key.Key_Up: -1, key.Key_Left: -1, key.Key_Down: 1, key.Key_Right: 1, key.Key_PageUp: -10}
        for which, step in {**steps, key.Key_PageDown: 10}.items():
            keys[which, False] = lambda step=step: self.stepped.emit(step)  # type: ignore[misc]
        greys = {key.Key_Up: (-_KEY_LEVEL, 1.0), key.Key_Down: (_KEY_LEVEL, 1.0),
                 key.Key_Left: (0.0, 1 / _KEY_WIDTH), key.Key_Right: (0.0, _KEY_WIDTH)}  # fmt: skip
        for which, (level, width) in greys.items():
            keys[which, True] = lambda level=level, width=width: self.windowed.emit(self.window_.moved(level, width))  # type: ignore[misc]
        return keys
