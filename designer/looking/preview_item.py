"""The small picture beside a bar: what leaves this node for the case that was chosen."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import Any

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.measures import HEIGHT
from designer.theme import Theme
from nodes.spec import spelled

_GAP = 3.0
_BOX = QRectF(-HEIGHT - _GAP, 0, HEIGHT, HEIGHT)  # left of the bar, where no bar of the next column reaches
_LARGE = 168  # pixels of the picture in the tip


class PreviewItem(QGraphicsItem):
    """A child of the bar, so that it goes where the bar goes."""

    def __init__(self, bar: QGraphicsItem) -> None:
        super().__init__(bar)
        self.picture = QPixmap()
        self.facts: Mapping[str, Any] = {}
        self.stale = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_picture(self, picture: QPixmap, facts: Mapping[str, Any], stale: bool) -> None:
        """Show what left the node, faded if it may no longer be so; `facts` as runtime.looking.previews tells them."""
        self.picture, self.facts, self.stale = picture, facts, stale
        self.update()

    def boundingRect(self) -> QRectF:
        """The picture with its frame."""
        return _BOX.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The picture; its frame has the accent colour where weights were learned."""
        theme = Theme.current()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.4 if self.stale else 1.0)
        painter.fillRect(_BOX, QColor("black"))
        painter.drawPixmap(_BOX, self.picture, QRectF(self.picture.rect()))
        painter.setPen(QPen(QColor(theme.accent if self.facts.get("trained") else theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(_BOX)

    def toolTip(self) -> str:  # asked for when the pointer rests there
        """The picture larger, with the values that it spans."""
        tr = QCoreApplication.translate
        words = [tr("Canvas", "Output {0}").format(spelled(tuple(self.facts.get("shape", ()))))]
        if self.facts.get("boxes") is not None:
            words.append(tr("Canvas", "boxes that are at least 50 % sure: {0}").format(self.facts["boxes"]))
        elif self.facts.get("low") is not None and self.facts.get("high") is not None:
            words.append(tr("Canvas", "values {0:.4g} to {1:.4g}").format(self.facts["low"], self.facts["high"]))
        trained = self.facts.get("trained")
        if trained is not None:
            words.append(tr("Canvas", "learned weights") if trained else tr("Canvas", "weights not learned yet"))
        return f"{_embedded(self.picture)}<br>{escape(' · '.join(words))}"


def preview_of(bar: QGraphicsItem) -> PreviewItem | None:
    """The picture beside a bar, if it has one."""
    return next((item for item in bar.childItems() if isinstance(item, PreviewItem)), None)


def _embedded(picture: QPixmap) -> str:
    """The picture as part of a text."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.scaled(_LARGE, _LARGE).save(buffer, "PNG")
    return f'<img src="data:image/png;base64,{b64encode(buffer.data().data()).decode("ascii")}">'
