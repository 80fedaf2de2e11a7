"""The line at the foot of the window: what the drawing holds, and whether it is saved."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar, QWidget

from designer.parts import label
from designer.project import Project


class StatusLine(QStatusBar):
    """`facts` is a text of the drawing, `saved` of the file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts, self.saved = label("", "small", wrap=False), label("", "small", wrap=False)
        self.addWidget(self.facts)
        self.addPermanentWidget(self.saved)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(12, 0, 12, 0)

    def show_project(self, project: Project) -> None:
        """Say whether what is drawn is in the project's file."""
        unsaved = self.tr("unsaved changes") if project.path else self.tr("not saved yet")
        saved = self.tr("for reading only") if project.read_only else self.tr("saved")
        self.saved.setText(unsaved if project.dirty or project.path is None else saved)
        self.saved.setToolTip(str(project.path or ""))
