"""A template's card: the picture of its graph, its title, what it is for, and how large it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout

from designer.gallery.picture import GraphPicture
from designer.gallery.reader import Reader, Seen
from designer.gallery.sizes import Sizes, short_count
from designer.gallery.tags import Tags, title_of
from designer.parts import label
from runtime.templates import Template

CARD = QSize(320, 200)
PICTURE = QSize(120, 182)
_AROUND = 16
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip


class Pressed(QPushButton):
    """A large button with texts on it; Enter presses it, and arrows are told."""

    goes = Signal(object)  # Qt.Key
    focused = Signal()
    pointed_at = Signal(bool)  # whether the mouse is over it

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come into sight when the keyboard leads here."""
        super().focusInEvent(event)
        self.focused.emit()
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None and event.reason() is Qt.FocusReason.TabFocusReason:
            area.ensureWidgetVisible(self, 0, _AROUND)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the mouse came."""
        super().enterEvent(event)
        self.pointed_at.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse went."""
        super().leaveEvent(event)
        self.pointed_at.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is as good as Space."""
        key = Qt.Key(event.key())
        if key in _ENTER:
            self.click()
        elif key in _KEYS:
            self.goes.emit(key)
        else:
            super().keyPressEvent(event)


class Card(Pressed):
    """One template, or the empty drawing."""

    def __init__(self, template: Template, file: Path | None, reader: Reader) -> None:
        super().__init__()
        self.template = template
        self._file = file
        self.setMinimumSize(CARD.width() - 48, CARD.height())
        self.setMaximumHeight(CARD.height())
        self.setObjectName(f"template-{template.name}")
        self.picture = GraphPicture(reader, file, PICTURE)
        self.counts = still(label("", "small"))
        self._fill()
        self._tell(None)
        reader.seen.connect(self._on_seen)

    def sizeHint(self) -> QSize:
        """The usual size; the texts wrap into it."""
        return CARD

    def fits(self, words: str, tags: list[str]) -> bool:
        """Whether all these words are said of the template, and it has all these tags."""
        entry = self.template
        texts = entry.title, entry.purpose, entry.says, entry.idea, entry.paper, *map(title_of, entry.tags), entry.name
        said = " ".join(texts).casefold()
        return all(word in said for word in words.casefold().split()) and set(tags) <= set(entry.tags)

    def _fill(self) -> None:
        entry = self.template
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.picture)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(still(label(entry.title, "title")))
        column.addWidget(still(label(entry.purpose or entry.says)))
        column.addStretch(1)
        column.addWidget(self.counts)
        if entry.tags:
            column.addWidget(Tags(entry.tags))
        row.addLayout(column, 1)

    def _on_seen(self, path: str, seen: Seen) -> None:
        if self._file is not None and path == str(self._file):
            self._tell(seen)

    def _tell(self, seen: Seen | None) -> None:
        """Say in words what the card shows, and how large the graph is once that is known."""
        entry, counts = self.template, seen.sizes if seen is not None else None
        short = _short(counts) if counts is not None else ""
        wrong = self.tr("Its file is missing.") if seen is not None and seen.missing else seen.wrong if seen else ""
        self.counts.setText(wrong or short)
        self.setToolTip("\n".join(text for text in (entry.says, wrong, _long(counts)) if text))
        self.setAccessibleName(f"{entry.title}. {entry.purpose or entry.says}")
        facts = [", ".join(map(title_of, entry.tags)), wrong or short]
        self.setAccessibleDescription(". ".join(text for text in [entry.says, *facts] if text))


def still(made: QLabel) -> QLabel:
    """A text that leaves the mouse to the button it stands on."""
    made.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made


def _short(counts: Sizes) -> str:
    tr = QCoreApplication.translate
    if counts.layers is None or counts.parameters is None:
        return tr("Sizes", "%s nodes") % counts.nodes
    layers = tr("Sizes", "1 layer") if counts.layers == 1 else tr("Sizes", "%s layers") % counts.layers
    return f"{layers} · {tr('Sizes', '%s parameters') % short_count(counts.parameters)}"


def _long(counts: Sizes | None) -> str:
    if counts is None or counts.layers is None:
        return ""
    return QCoreApplication.translate("Sizes", (
        "Layers are counted as usual, those with trained weights without normalisation; parameters for images of one "
        "channel and two classes. All in all it has %s nodes."
    )) % counts.nodes  # fmt: skip
