"""What a template is for, in single words: painted as small labels, chosen from with buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from designer.gallery.flow import Flow
from designer.theme import Theme, font, metrics
from runtime.templates import Template

_TITLES = {
    "classification": "Classification",
    "regression": "Regression",
    "segmentation": "Segmentation",
    "detection": "Detection",
    "reconstruction": "Reconstruction",
    "generation": "Generation",
    "1-D": "1-D",
    "2-D": "2-D",
    "3-D": "3-D",
}
_TIPS = {
    "classification": "Tells classes apart, such as healthy and ill. Each image belongs to one of them.",
    "regression": "Estimates a number, such as an age or a volume. Each image has one in a table.",
    "segmentation": "Outlines a structure. Each image has a mask in which it is drawn.",
    "detection": "Finds objects and says where they are. Each image has boxes around them.",
    "reconstruction": "Gives back an image, such as one with less noise. It learns from images or from pairs of them.",
    "generation": "Makes new images that look like those it learned from. No labels are needed.",
    "1-D": "Takes signals over time, such as an ECG: DICOM waveforms, WFDB records, CSV with a column for each lead.",
    "2-D": "Takes single images or slices. Each is looked at for itself.",
    "3-D": "Takes volumes, such as whole CT or MR series. Neighbouring slices are looked at together.",
}
_HEIGHT = 18
_GAP = 4
_INSET = 6


def title_of(tag: str) -> str:
    """The tag as it is shown; one that is not known as it is written."""
    return QCoreApplication.translate("Tags", _TITLES.get(tag, tag[:1].upper() + tag[1:]))


def offered(templates: Iterable[Template]) -> list[str]:
    """All tags of the templates, in the usual order; those that are not known at the end."""
    found = dict.fromkeys(tag for template in templates for tag in template.tags)
    return [*(tag for tag in _TITLES if tag in found), *(tag for tag in found if tag not in _TITLES)]


class Tags(QWidget):
    """The tags of one template as small labels; they wrap."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__()
        self._texts = [title_of(tag) for tag in tags]
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self._boxes(width)
        return round(boxes[-1].bottom()) if boxes else 0

    def sizeHint(self) -> QSize:
        return QSize(80, self.heightForWidth(max(self.width(), 80)))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = Theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(small=True))
        for text, box in zip(self._texts, self._boxes(self.width()), strict=True):
            painter.setPen(QColor(theme.border))
            painter.setBrush(QColor(theme.panel))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(QColor(theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _boxes(self, width: int) -> list[QRectF]:
        made, x, y = [], 0.0, 0.0
        for text in self._texts:
            wide = metrics(small=True).horizontalAdvance(text) + 2 * _INSET
            if x > 0 and x + wide > width:
                x, y = 0.0, y + _HEIGHT + _GAP
            made.append(QRectF(x, y, wide, _HEIGHT))
            x += wide + _GAP
        return made


class Chips(QWidget):
    """A button for each tag; only what carries all that are pressed is shown."""

    changed = Signal()

    def __init__(self, tags: Iterable[str]) -> None:
        super().__init__()
        self.buttons: dict[str, QPushButton] = {}
        flow = Flow(gap=6, parent=self)
        for tag in tags:
            made = QPushButton(title_of(tag))
            made.setCheckable(True)
            made.setStyleSheet("QPushButton:checked { border-color: palette(highlight); }")
            made.setAccessibleName(self.tr("Only %s") % title_of(tag))
            made.setToolTip(QCoreApplication.translate("Tags", _TIPS.get(tag, title_of(tag))))
            made.toggled.connect(lambda _on: self.changed.emit())
            flow.addWidget(made)
            self.buttons[tag] = made

    def chosen(self) -> list[str]:
        """The tags that are pressed."""
        return [tag for tag, made in self.buttons.items() if made.isChecked()]

    def clear(self) -> None:
        """Press none."""
        for made in self.buttons.values():
            made.setChecked(False)
