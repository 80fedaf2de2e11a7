"""The lines above the data: which source, which folder, what can be done with it now, and what is being read."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.data.offer import TemplatesOffer
from designer.data.read_note import ReadNote
from designer.data.source_bar import SourceBar
from designer.data.source_choice import SourceChoice
from designer.data.survey import Found
from designer.data.use import asks_otherwise, entry_of, in_use, sources_of, what_is_read, why_not_usable
from designer.parts import button, row_of, set_possible
from runtime.document import Document


class Head(QWidget):
    """Says what stands in the drawing; what is done is done by the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources = SourceChoice()
        self.bar = SourceBar()
        self.use_button = button(self.tr("Use this data"), primary=True)
        self.reads = ReadNote()
        self.templates = TemplatesOffer()
        self.busy = BusyLine(self.tr("Stop reading; what was found so far stays"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.addWidget(self.sources)
        column.addWidget(self.bar)
        column.addLayout(row_of(self.use_button, self.templates))
        column.addWidget(self.reads)
        column.addWidget(self.busy)

    def refresh(self, document: Document, found: Found | None, node: str, on_its_way: bool) -> None:
        """The next step: a button for the drawing there is, or templates for an empty one.

        `on_its_way`: what is being read is to be used as soon as it is known.
        """
        self.bar.setVisible(self.bar.folder is not None)
        self._show_sources(document, node, on_its_way)
        why = why_not_usable(document, found, node)
        self.use_button.setVisible(found is not None and bool(document.nodes))
        holder = in_use(document, found, node)
        self.use_button.setText(self.tr("In use") if holder else self.tr("Use this data"))
        used = self.tr("“%s” in the drawing reads this folder, with these labels.") % holder if holder else ""
        set_possible(self.use_button, why or used, self.tr("Put this folder into the source node of the drawing"))
        self.templates.offer(found if not document.nodes and not why else None)
        reads = "" if on_its_way else what_is_read(document, self.bar.folder, found, node)
        self.reads.say(reads, asks_otherwise(document, node))

    def _show_sources(self, document: Document, node: str, on_its_way: bool) -> None:
        names, current = sources_of(document), entry_of(document, node)
        wait = self.tr("“%s” takes the folder that is being read; wait for it, or stop reading.")
        self.sources.show_sources(names, current, wait % names.get(current, "") if on_its_way else "")
