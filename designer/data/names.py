"""Who is named on the screen: numbers in the place of names until the user asks to see them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

_SAFE_LENGTH = 4  # a shorter name may stand for something else in a sentence
_WORD = re.compile(r"[\w./+@=#~-]*[\w/+@=#~-]")
_OF_A_CASE = re.compile(r"\.(dcm|dicom|ima|seg|nii|nii\.gz|nrrd|mh[ad]|png|jpe?g|jp2|tiff?|bmp|gif|webp|xml)$", re.I)


class Names:
    """Patients and files by number, in the order of their names; shown by name once that is asked for."""

    def __init__(self, shown: bool = False) -> None:
        self.shown = shown
        self.signals = False  # whether the files hold signals, which are no images
        self._patients: dict[str, int] = {}
        self._files: dict[str, int] = {}
        self._others: dict[str, int] = {}
        self._bases: dict[str, str] = {}  # names without their folders
        self._odd: list[str] = []  # names that are more than one word, the longest first
        self._hidden: dict[str, str] = {}  # sentences that were asked for, without names

    def learn(self, patients: Iterable[str], paths: Iterable[str] = (), others: Iterable[str] = ()) -> None:
        """Number what is there; what has a number keeps it. `others` are files that are no images in use."""
        odd: set[str] = set()
        for known, found in ((self._patients, patients), (self._others, others), (self._files, paths)):
            for name in sorted(set(found) - set(known) - {""}):
                self._hidden.clear()
                known[name] = len(known) + 1
                if known is not self._patients:
                    self._bases[name.rpartition("/")[2]] = name
                if not _WORD.fullmatch(name) and len(name) >= _SAFE_LENGTH:
                    odd |= {name} if known is self._patients else {name, name.rpartition("/")[2]}
        if odd:
            self._odd = sorted(odd | set(self._odd), key=len, reverse=True)

    def forget(self) -> None:
        """Other data come."""
        for known in (self._patients, self._files, self._others, self._bases, self._odd, self._hidden):
            known.clear()

    def patient(self, name: str) -> str:
        """A patient: "Patient 3", or as the data say."""
        if not name:
            return _tr("unknown patient")
        return name if self.shown or name not in self._patients else _tr("Patient %s") % self._patients[name]

    def file(self, path: str) -> str:
        """A file: "Image 12" or "Signal 12", "File 3" where it is none, or its path."""
        if self.shown:
            return path
        if path in self._files:
            return (_tr("Signal %s") if self.signals else _tr("Image %s")) % self._files[path]
        return _tr("File %s") % self._others[path] if path in self._others else path

    def told(self, text: str) -> str:
        """What a header says in words that people wrote, which may name anybody: "" until names are shown."""
        return text if self.shown else ""

    def hidden_in(self, text: str) -> str:
        """A sentence without the names of patients and files, unless they are shown."""
        if self.shown:
            return text
        if text not in self._hidden:
            self._hidden[text] = self._without_names(text)  # the same few reasons stand at thousands of files
        return self._hidden[text]

    def _without_names(self, text: str) -> str:
        for name in self._odd:
            if name in text:
                text = text.replace(name, self._numbered(name).replace(" ", "\0"))
        return _WORD.sub(lambda match: self._numbered(match.group()), text).replace("\0", " ")

    def _numbered(self, word: str) -> str:
        path = word if word in self._files or word in self._others else self._bases.get(word, "")
        if path:
            return self.file(path)
        if word in self._patients and len(word) >= _SAFE_LENGTH:
            return self.patient(word)
        if _OF_A_CASE.search(word):
            self.learn((), (), [word])  # such as a file of outlines, which no list of the survey has
            return self.file(word)
        return "/".join(self._numbered(part) for part in word.split("/")) if "/" in word else word


def _tr(text: str) -> str:
    return QCoreApplication.translate("Names", text)
