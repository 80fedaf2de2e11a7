"""What is told of one template: its idea, the paper, what to try next. It stands below the cards."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from designer.parts import label
from runtime.templates import Template

_LEAST = 128
_MARGIN = 16
_GAP = 32


class Explanation(QFrame):
    """A panel in three columns; empty until a template is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMinimumHeight(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("About the network"))
        self.title = label("", "title")
        self.idea = label("")
        self.paper = _linked()
        self.next = label("")
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        row.setSpacing(_GAP)
        for title, text, share in (
            (self.title, self.idea, 3), (label(self.tr("Try next"), "title"), self.next, 3),
            (label(self.tr("Paper"), "title"), self.paper, 2),
        ):  # fmt: skip
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(text)
            column.addStretch(1)
            row.addLayout(column, share)
        self.template: Template | None = None

    def explain(self, template: Template) -> None:
        """Tell of this template; one without an explanation, such as the empty drawing, is told by its sentences."""
        self.template = template
        self.title.setText(template.title)
        self.idea.setText(template.idea or template.says)
        self.next.setText("\n".join(f"– {step}" for step in template.next))
        link = escape(template.link)
        self.paper.setText(f'{escape(template.paper)} <a href="{link}">{link}</a>' if link else "")


def _linked() -> QLabel:
    """A text whose address opens in the browser: a click is the only way that anything is asked for."""
    made = label("")
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    made.setOpenExternalLinks(True)
    return made
