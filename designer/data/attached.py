"""What is shown of the project's own folder before it is read anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from designer.parts import Empty, set_possible
from runtime.graph import Json


class Attached(Empty):
    """The folder's name and what was learned of it; `again` reads it anew, which a folder that is gone forbids."""

    def __init__(self, again: QPushButton, other: QPushButton) -> None:
        super().__init__("", "", [again, other])
        self._again = again

    def show_source(self, folder: Path, settings: Mapping[str, Json]) -> None:
        """Show what the source node holds of the folder."""
        there = os.path.exists(folder)  # does not fail on a folder that may not be looked at
        classes = settings.get("classes")
        names = ", ".join(str(name) for name in classes) if isinstance(classes, list) else ""
        facts = self.tr("%s images") % settings.get("images", 0) + (f": {names}" if names else "")
        gone = self.tr("The folder is not there any more. Choose where it lies now.")
        self.say(folder.name, f"{folder}\n{facts if there else gone}")
        set_possible(self._again, "" if there else gone, self.tr("Read the folder anew, and show its images"))
