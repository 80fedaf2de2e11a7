"""What is told of one template: its idea with a picture, what a primer says of it, the paper, what to try next.

It stands below the cards.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from designer.gallery.idea import IdeaPicture
from designer.parts import label
from runtime.templates import Template

_LEAST = 128
_MARGIN = 16
_GAP = 28
_WIDEST_PICTURE = 336


class Explanation(QFrame):
    """A panel in columns, with the picture of the idea at its left; empty until a template is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMinimumHeight(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("About the network"))
        self.picture = IdeaPicture(_WIDEST_PICTURE)
        self.title = label("", "title")
        self.says, self.idea = label("", "muted"), label("")
        self.primer, self.next = label(""), label("")
        self.paper = _linked()
        heads = self.tr("What a primer says"), self.tr("Try next"), self.tr("Paper")
        self.titles = tuple(label(head, "title") for head in heads)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        row.setSpacing(_GAP)
        row.addWidget(self.picture, 4, Qt.AlignmentFlag.AlignTop)
        of_primer, of_next, of_paper = self.titles
        for texts, share in (
            ((self.title, self.says, self.idea), 5),
            ((of_primer, self.primer, of_paper, self.paper), 4),
            ((of_next, self.next), 3),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            for text in texts:
                column.addWidget(text)
            column.addStretch(1)
            row.addLayout(column, share)
        self.template: Template | None = None

    def explain(self, template: Template) -> None:
        """Tell of this template; one without an explanation, such as the empty drawing, is told by its sentences."""
        self.template = template
        self.picture.show_template(template.name)
        self.picture.setAccessibleDescription(template.idea)
        self.title.setText(template.title)
        self.says.setText(template.says if template.idea else "")
        self.says.setVisible(bool(template.idea))
        self.idea.setText(template.idea or template.says)
        self.primer.setText(template.primer)
        self.next.setText("\n".join(f"– {step}" for step in template.next))
        link = escape(template.link)
        self.paper.setText(f'{escape(template.paper)} <a href="{link}">{link}</a>' if link else "")
        for title, told in zip(self.titles, (template.primer, template.next, link), strict=True):
            title.setVisible(bool(told))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark: an address keeps the colour in which it was written."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and getattr(self, "template", None) is not None:
            text = self.paper.text()
            self.paper.clear()
            self.paper.setText(text)


def _linked() -> QLabel:
    """A text whose address opens in the browser: a click is the only way that anything is asked for."""
    made = label("")
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    made.setOpenExternalLinks(True)
    return made
