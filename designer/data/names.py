"""Who is named on the screen: numbers in the place of names until the user asks to see them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

_SAFE_LENGTH = 4  # a shorter name may stand for something else in a sentence


class Names:
    """Patients and files by number, in the order of their names; shown by name once that is asked for."""

    def __init__(self, shown: bool = False) -> None:
        self.shown = shown
        self._patients: dict[str, int] = {}
        self._files: dict[str, int] = {}
        self._bases: dict[str, str] = {}  # names without their folders

    def learn(self, patients: Iterable[str], paths: Iterable[str] = ()) -> None:
        """Number what is there; what has a number keeps it."""
        for known, found in ((self._patients, patients), (self._files, paths)):
            for name in sorted(set(found) - set(known) - {""}):
                known[name] = len(known) + 1
        self._bases = {path.rpartition("/")[2]: path for path in self._files}

    def forget(self) -> None:
        """Other data come."""
        self._patients.clear()
        self._files.clear()
        self._bases.clear()

    def patient(self, name: str) -> str:
        """A patient: "Patient 3", or as the data say."""
        if not name:
            return _tr("unknown patient")
        return name if self.shown or name not in self._patients else _tr("Patient %s") % self._patients[name]

    def file(self, path: str) -> str:
        """A file: "Image 12", or its path."""
        return path if self.shown or path not in self._files else _tr("Image %s") % self._files[path]

    def hidden_in(self, text: str) -> str:
        """A sentence without the names of patients and files, unless they are shown."""
        if self.shown:
            return text

        return re.sub(r"[\w./+@=#~-]*[\w/+@=#~-]", lambda match: self._numbered(match.group()), text)

    def _numbered(self, word: str) -> str:
        if word in self._files:
            return self.file(word)
        if word in self._bases:
            return self.file(self._bases[word])
        if word in self._patients and len(word) >= _SAFE_LENGTH:
            return self.patient(word)
        return "/".join(self._numbered(part) for part in word.split("/")) if "/" in word else word


def _tr(text: str) -> str:
    return QCoreApplication.translate("Names", text)
