"""What stands between the Train button and a training: what is missing, a field in red, a project without a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from runtime.changed_files import changed_sentence
from runtime.errors import NAMED
from runtime.events import Failed
from runtime.runs import Run

if TYPE_CHECKING:
    from designer.window import MainWindow


class Beginning(QObject):
    """Begins a training, or says why not, also without beginning one; and says how one failed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def train(self) -> None:
        """Train the project as it is now."""
        window = self._window
        window.project.settling.emit()
        window.project.analyse_now()
        window.messages.hide()
        if self._kept() or (window.project.path is None and not self._saved()):
            return
        window.messages.hide()
        window.show_workspace("train")
        window.training.start()

    def check(self) -> None:
        """Say whether the project can be trained, and show what keeps it from that."""
        window = self._window
        window.project.settling.emit()
        window.project.analyse_now()
        blockers = len(window.training.blockers)
        if blockers:
            window.show_workspace("train")
            text = self.tr("%s things keep it from training; the list at the right leads to them.") % blockers
            window.say(text, "warning")
        else:
            window.say(self.tr("No problems: it can be trained."), "good")

    def tell_failure(self, end: Failed, run: Run) -> None:
        """Say why, once: Train has the whole reason in bold, so the bar is short while that is looked at."""
        window = self._window
        if end.node:
            window.go_to_node(end.node)
        seen = window.current == "train" and window.training.history.state == end.message
        text = self.tr("The training failed.") if seen else end.message
        named = changed_sentence(run.folder) if end.code in NAMED else ""
        window.messages.say_with_log(f"{text} {named}".strip(), run.folder / "log.txt")

    def _kept(self) -> bool:
        """Say the first thing that keeps the project from being trained, and lead to it."""
        window, side = self._window, self._window.training.side
        blockers = window.training.blockers
        if blockers:
            window.show_workspace("train")
            side.problems.setFocus()
            first = re.split(r"[.:;] ", blockers[0].message)[0].rstrip(".")
            window.say(self.tr("Not trained: %s. The list at the right leads there.") % first, "warning")
        elif side.settings.wrong():
            window.show_workspace("train")
            window.say(self.tr("Not trained. %s") % side.settings.go_to_wrong(), "warning")
        return bool(blockers or side.settings.wrong())

    def _saved(self) -> bool:
        """A project without a file is saved, because its runs lie beside it. Whether it has a file now."""
        window = self._window
        if window.files.save_as(self.tr("Save the project first: its runs are kept beside its file")):
            return True
        if not window.messages.said:  # a failed save has said its own reason
            text = self.tr("Nothing was trained. Its runs are kept beside the project file, so it is saved first.")
            window.messages.say(text, "note", self.tr("Save …"), self.train)
        return False
