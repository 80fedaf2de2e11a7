"""The way into the import from a PACS, and back with what was fetched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from designer.data.pacs_panel import PacsPanel

if TYPE_CHECKING:
    from designer.data.workspace import DataWorkspace


class PacsEntry(QObject):
    """The page is made when it is asked for; before, nothing of it is there."""

    def __init__(self, workspace: DataWorkspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._before: QWidget | None = None
        self.panel: PacsPanel | None = None

    def open(self) -> None:
        """Show the page in place of the data."""
        workspace = self._workspace
        if self.panel is None:
            self.panel = PacsPanel()
            self.panel.left.connect(self.leave)
            self.panel.fetched.connect(self._on_fetched)
            workspace.pages.addWidget(self.panel)
        if workspace.pages.currentWidget() is not self.panel:
            self._before = workspace.pages.currentWidget()
        workspace.pages.setCurrentWidget(self.panel)
        for above in (workspace.bar, workspace.use_button, workspace.templates, workspace.reads):
            above.hide()
        self.panel.begin_here()

    def leave(self) -> None:
        """Back to what was shown; what is being fetched goes on."""
        workspace = self._workspace
        if self._before is not None:
            workspace.pages.setCurrentWidget(self._before)
        workspace.refresh_use()

    def close_down(self) -> None:
        """The window is closing."""
        if self.panel is not None:
            self.panel.close_down()

    def _on_fetched(self, folder: Path) -> None:
        """Open the folder as if it had been dropped; whoever has gone elsewhere is only told."""
        workspace = self._workspace
        if workspace.pages.currentWidget() is self.panel:
            workspace.open_folder(folder)
        else:
            workspace.said.emit(self.tr("All images from the PACS are in the folder “%s”.") % folder.name, "good")
