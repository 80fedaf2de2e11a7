"""A bar at the top of the window that says one thing plainly, and never stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from designer.theme import Theme

Tone = Literal["note", "warning", "error", "good"]


class MessageBar(QFrame):
    """Hidden until something is said. One message at a time: the newest; a question comes back until it is answered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message-bar")
        self._do: Callable[[], None] | None = None
        self._question: tuple[str, Mapping[str, Callable[[], None]]] | None = None
        self._tone: Tone = "note"
        self._of_the_drawing = False  # what is said is about the drawing as it is until the next edit
        self._after_this_turn = QTimer(self, singleShot=True, interval=0)
        self._after_this_turn.timeout.connect(self._until_edit)
        self._ways = QHBoxLayout()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.clicked.connect(self._on_button)
        close = QToolButton()
        close.setText("×")
        close.setToolTip(self.tr("Close this message"))
        close.setAccessibleName(self.tr("Close this message"))
        close.clicked.connect(lambda _checked: self.hide())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self._text)
        row.addWidget(self._button)
        row.addLayout(self._ways)
        row.addWidget(close)
        self.hide()

    @property
    def said(self) -> str:
        """What is said and stands in the window now, as far as it is not a question."""
        return "" if self.isHidden() or self._ways.count() else self.text

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text.text()

    def say(self, text: str, tone: Tone = "note", button: str = "", do: Callable[[], None] | None = None) -> None:
        """Show a message, with one button for the next step where there is one; an empty text takes it away."""
        if not text:
            self.hide()
            return
        self._offer({})
        self._of_the_drawing = False
        self._after_this_turn.stop()
        self._tone, self._do = tone, do
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._button.setVisible(bool(button))
        self._button.setText(button)
        self._dress()
        self.show()

    def say_of_drawing(self, text: str, tone: Tone = "note") -> None:
        """Show what the canvas says, such as why a wire was refused: it goes with the next edit after this one."""
        self.say(text, tone)
        if text:
            self._after_this_turn.start()

    def edited(self) -> None:
        """The drawing was changed: what was said of it before is over."""
        if self._of_the_drawing and not self._ways.count():
            self.hide()

    def _until_edit(self) -> None:
        """The edit that a message may be about is done; the next one ends it."""
        self._of_the_drawing = True

    def ask(self, ways: Mapping[str, Callable[[], None]]) -> None:
        """Put a button for each answer beside what is said. What is said meanwhile stands before it for a while."""
        self._question = (self.text, dict(ways))
        self._offer(ways)

    def hide(self) -> None:
        """Take away what is said; behind a message the question that was not answered yet is there again."""
        waiting, self._question = self._question, None
        if waiting is None or self._ways.count():
            super().hide()
            return
        self.say(waiting[0], "warning")
        self.ask(waiting[1])

    def _offer(self, ways: Mapping[str, Callable[[], None]]) -> None:
        while (item := self._ways.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for title, do in ways.items():
            answer = QPushButton(title)
            answer.clicked.connect(partial(self._on_answer, do))
            self._ways.addWidget(answer)
            answer.show()

    def _on_answer(self, do: Callable[[], None], _checked: bool = False) -> None:
        waiting, self._question = self._question, None
        do()
        if self._question is None and self._ways.count() and not self.isHidden():
            self._question = waiting  # it was not answered after all

    def leave(self) -> None:
        """The user goes elsewhere: only an error or a question is still worth reading there."""
        if self._tone != "error" and not self._ways.count():
            self.hide()

    def say_with_log(self, text: str, log: Path) -> None:
        """An error whose details lie in a file."""
        self.say(text, "error", self.tr("Open log"), partial(_open, log))
        self._button.setToolTip(str(log))

    def _on_button(self) -> None:
        if self._do is not None:
            self._do()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the program's appearance."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and not self.isHidden():
            self._dress()

    def _dress(self) -> None:
        theme = Theme.current()
        color = {"note": theme.accent, "warning": theme.warning, "error": theme.error, "good": theme.good}[self._tone]
        sheet = (
            f"#message-bar {{ background: {theme.field}; border: none; border-left: 4px solid {color}; "
            f"border-bottom: 1px solid {theme.border}; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


def _open(file: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
