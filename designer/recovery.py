"""Offers what a window that was killed had not saved."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from designer import remember
from designer.guard import journal_folder
from designer.message_bar import MessageBar
from designer.project_files import ProjectFiles
from runtime.recovery import Found, recoverable


class Recovery(QObject):
    """Asks in the message bar; until it is answered, the journal stays and is offered again."""

    recovered = Signal()

    def __init__(self, files: ProjectFiles, messages: MessageBar) -> None:
        super().__init__(messages)
        self._files = files
        self._messages = messages

    def offer(self) -> None:
        """Offer what is lost: of the open project if there is something, else the newest."""
        lost = recoverable(journal_folder())
        if not lost:
            return
        path = self._files.project.path
        found = next((found for found in lost if path is not None and found.project == path), lost[0])
        self._messages.say(" ".join(filter(None, [self._messages.said, self._words(found)])), "warning")
        self._messages.ask({
            self.tr("Recover"): partial(self._recover, found),
            self.tr("Discard"): partial(self._discard, found),
        })  # fmt: skip

    def _recover(self, found: Found) -> None:
        if not self._files.may_leave():
            return
        if not found.path.exists():
            self._messages.say(self.tr("Another window has recovered or discarded these steps meanwhile."), "warning")
            return
        project, guard = self._files.project, self._files.guard
        project.recover(found.head, found.steps)
        if guard.journal.settled():  # the steps are kept in this window's journal now
            found.path.unlink(missing_ok=True)
        self.recovered.emit()
        said = [self._steps(found) + " " + self.tr("are back, as edits that are not saved yet."), guard.words()]
        if project.changed_on_disk():
            said.append(self.tr("The file was changed since by something else; saving will ask."))
        self._messages.say(" ".join(filter(None, said)), "warning" if any(said[1:]) else "good")

    def _discard(self, found: Found) -> None:
        found.path.unlink(missing_ok=True)
        self._messages.hide()
        self.offer()

    def _words(self, found: Found) -> str:
        name = found.project.stem if found.project else self.tr("untitled")
        text = self.tr("“%s” was not closed properly at %s: %s not saved.")
        were = self.tr("was") if len(found.steps) == 1 else self.tr("were")
        return text % (name, remember.moment(found.last), f"{self._steps(found)} {were}")

    def _steps(self, found: Found) -> str:
        count = len(found.steps)
        return self.tr("1 step") if count == 1 else self.tr("%s steps") % count
