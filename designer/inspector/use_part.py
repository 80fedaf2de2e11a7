"""What the form of a use says beside its settings: how many uses there are, who shares weights, and the way inside."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from designer.inspector.rows import label
from designer.project import Project
from runtime.changes import Change
from runtime.document import Document
from runtime.graph import block_of


class UsePart(QWidget):
    """A note and a button."""

    def __init__(self, project: Project, node_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._node_id = node_id
        self.note = label("", "small", wraps=True)
        self.open = QPushButton(self.tr("Open the block"))
        self.open.setToolTip(self.tr("Show and edit what is in it (double click or Ctrl+Enter)"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.note)
        column.addWidget(self.open)
        project.changed.connect(self._follow)
        self._follow()

    def _follow(self, _change: Change | None = None) -> None:
        document = self._project.document
        node = document.nodes.get(self._node_id)
        if node is not None:
            self.note.setText(self._text(document, block_of(node.type)))

    def _text(self, document: Document, block_id: str) -> str:
        uses = document.uses_of(block_id)
        count = len(uses)
        text = self.tr("This block is used once.") if count == 1 else self.tr("This block is used {0} times.")
        shared = sum(document.nodes[use].settings.get("weights") == "shared" for use in uses)
        if shared > 1:
            text += " " + self.tr("{1} of the uses share one set of weights.")
        elif shared:
            text += " " + self.tr("One use says “shared”; a second that does so will have the same weights.")
        return text.format(count, shared)
