"""What keeps the open project safe from crashes and from other windows: its journal, and the lock on its file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer import remember
from designer.project import Project
from runtime.journal import Journal
from runtime.project_lock import Holder, lock_file, release, take


def journal_folder() -> Path:
    """Where the journals of all windows lie."""
    return remember.state_folder() / "journals"


class Guard(QObject):
    """Follows the project: each document gets a journal; a file that another window has is open for reading only."""

    said = Signal(str, str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.holder: Holder | None = None  # who has the open file, if another does
        self._locked: Path | None = None
        self.journal = Journal(journal_folder(), self._on_trouble)
        project.replaced.connect(self._on_replaced)
        project.saved.connect(self._on_saved)
        self._on_replaced()

    def words(self) -> str:
        """Who has the open file and what follows from that, "" when this window has it."""
        if self.holder is None or self.project.path is None:
            return ""
        so = self.tr("Here it is for reading only; what you change can be saved as another file.")
        return f"{self._who(self.project.path, self.holder)} {so}"

    def why_not_write(self, path: Path) -> str:
        """Take the file for this window; gives the reason when it is not this window's to write."""
        own = self.project.path is not None and path.resolve() == self.project.path.resolve()
        if own and self.project.read_only:
            reason = self.words() or self.tr("“%s” is open for reading only.") % path.name
            return reason + " " + self.tr("Nothing was saved; choose another name.")
        holder = take(path)
        if holder is None:
            return ""
        return self._who(path, holder) + " " + self.tr("Nothing was saved; choose another name.")

    def not_written(self, path: Path) -> None:
        """The file that was taken to be written was not: let it go, unless it is the open one."""
        if path != self._locked:
            release(path)

    def close_down(self) -> None:
        """The project is left as it should be: nothing would be lost, and others may have the file."""
        self.journal.end()
        self._hold(None)

    def _on_replaced(self) -> None:
        project = self.project
        # What a newer version wrote is never written over, not by way of a recovery either: there it has no file.
        path = None if project.read_only else project.path
        self._hold(project.path)
        project.read_only = project.read_only or self.holder is not None
        self.journal.begin(project.document, path, project.sha256)

    def _on_saved(self) -> None:
        self._hold(self.project.path)
        self.journal.begin(self.project.document, self.project.path, self.project.sha256)

    def _hold(self, path: Path | None) -> None:
        if self._locked is not None and self._locked != path:
            release(self._locked)
        self.holder = take(path) if path is not None else None
        self._locked = path if self.holder is None else None

    def _who(self, path: Path, holder: Holder) -> str:
        owner = holder.owner
        who = (path.name, owner.pid, owner.host, remember.moment(holder.since))
        text = self.tr("“%s” is open in another window (process %s on %s) since %s.") % who
        if owner.here:
            return text
        return text + " " + self.tr("If it is not, delete %s and open it again.") % lock_file(path).name

    def _on_trouble(self, reason: str) -> None:
        text = self.tr("The journal that brings your steps back after a crash cannot be written (%s): save often.")
        self.said.emit(text % reason, "warning")
