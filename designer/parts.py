"""Small building blocks that several workspaces share: labels in the program's few sizes, an empty place, a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.gallery.flow import Flow

_OPTION = re.compile(r" \(--[^()]*\)")
# The line inside would get the frame of a line of its own; arrow keys and the wheel do what the buttons would.
SPIN = """
QAbstractSpinBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
"""
_MORE_WIDTH = 680  # of rows of buttons in an empty place
Role = Literal["", "title", "muted", "small", "warning", "wrong"]


def label(text: str = "", role: Role = "", wrap: bool = True) -> QLabel:
    """A text in one of the program's few looks; it can be selected and copied."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def judge(made: QLabel, verdict: str) -> None:
    """Colour a text as "right", "wrong" or "" for neither; it follows a change between light and dark."""
    made.setProperty("verdict", verdict)
    made.style().polish(made)


def counted(count: int, what: str) -> str:
    """A number with its noun: "1 patient", "12 patients"."""
    plural = "" if count == 1 else "es" if what.endswith(("x", "s")) and what != "series" else "s"
    return f"{whole(count)} {what}{plural}"


def whole(count: int) -> str:
    """A whole number with its thousands apart."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def without_options(text: str) -> str:
    """A sentence of the program without how it is said on the command line: “(--labels masks)” means nothing here."""
    return _OPTION.sub("", text)


def pixels(size: Sequence[int]) -> str:
    """A size as viewers say it: columns × rows (× slices), from (slices,) rows, columns."""
    return "×".join(str(side) for side in reversed(size))


def button(text: str, tip: str = "", primary: bool = False) -> QPushButton:
    """A button that says what it does."""
    made = QPushButton(text)
    made.setToolTip(tip or text)
    if primary:
        made.setProperty("primary", True)
    return made


def make_primary(made: QPushButton, primary: bool) -> None:
    """Draw a button as the step that comes next, or as one of others."""
    if bool(made.property("primary")) != primary:
        made.setProperty("primary", primary)
        made.style().unpolish(made)
        made.style().polish(made)


def set_possible(made: QPushButton, why_not: str, tip: str) -> None:
    """Enable a button, or disable it with the reason in its tooltip."""
    made.setEnabled(not why_not)
    made.setToolTip(why_not or tip)


def spin_box(low: int, high: int, name: str, special: str = "") -> QSpinBox:
    """A field for a whole number; `special` is what stands there in place of the lowest."""
    made = QSpinBox()
    made.setRange(low, high)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setKeyboardTracking(False)
    made.setStyleSheet(SPIN)
    made.lineEdit().setTextMargins(8, 0, 8, 0)
    if special:
        made.setSpecialValueText(special)
    made.setMaximumWidth(160)
    return made


def line() -> QFrame:
    """A thin horizontal line."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


def row_of(*widgets: QWidget, stretch: int = -1) -> QHBoxLayout:
    """Widgets side by side; `stretch` is the one that takes the room, -1 leaves it at the end."""
    made = QHBoxLayout()
    made.setSpacing(8)
    for index, widget in enumerate(widgets):
        made.addWidget(widget, 1 if index == stretch else 0)
    if stretch < 0:
        made.addStretch(1)
    return made


def scrolled(content: QWidget) -> QScrollArea:
    """The content in an area that scrolls up and down when it is too high."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    content.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


class Empty(QWidget):
    """An empty place that says what to do next; `more` are lesser ways, in rows below the buttons."""

    def __init__(
        self, title: str, says: str, buttons: Sequence[QPushButton] = (), more: Sequence[QPushButton] = ()
    ) -> None:
        super().__init__()
        self.title = label(title, "title")
        self.says = label(says, "muted")
        for text in (self.title, self.says):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setFixedWidth(520)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for text in (self.title, self.says):
            middle = QHBoxLayout()  # an alignment would keep the column from asking the text for its height
            middle.addStretch(1)
            middle.addWidget(text)
            middle.addStretch(1)
            column.addLayout(middle)
        if buttons:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addStretch(1)
            for made in buttons:
                row.addWidget(made)
            row.addStretch(1)
            column.addSpacing(8)
            column.addLayout(row)
        if more:
            column.addLayout(_in_the_middle(more))
        column.addStretch(3)

    def say(self, title: str, says: str) -> None:
        """Change the words."""
        self.title.setText(title)
        self.says.setText(says)


def _in_the_middle(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    """As many buttons in each row as there is room for, so that none makes its page wider than a small window."""
    holder = QWidget()
    holder.setFixedWidth(_MORE_WIDTH)
    flow = Flow(centred=True)
    holder.setLayout(flow)
    for made in buttons:
        flow.addWidget(made)
    middle = QHBoxLayout()
    middle.addStretch(1)
    middle.addWidget(holder)
    middle.addStretch(1)
    return middle


class Stack(QStackedWidget):
    """Pages one at a time, in the height that there is: no text in one of them makes all of them taller."""

    def hasHeightForWidth(self) -> bool:
        """No page is asked."""
        return False


class Notes(QWidget):
    """A list of sentences, each with a coloured edge; gone when there is none."""

    def __init__(self, role: Role = "small", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role: Role = role
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.texts: list[str] = []

    def show_texts(self, texts: Sequence[str]) -> None:
        """Put these sentences in the place of the old."""
        if self.texts != list(texts):  # they are told again and again while a folder is read
            self._replace(texts)
        self.setVisible(bool(texts))

    def _replace(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for text in texts:
            self._column.addWidget(label(text, self._role))
