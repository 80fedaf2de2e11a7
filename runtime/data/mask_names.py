"""Names of masks that are no file of their own: what a DICOM segmentation, a structure set or a NIfTI mask of a whole
series says about one image.

Such a name is FILE#IMAGE#FRAME#1=1,2=3: the file with the outlines; the image, relative to the folder of that file; its
frame; and which segment (or region) has which class (nothing for a NIfTI mask, whose numbers are stored). A leading ?
before the numbers asks for two layers: the mask, and how many segments cover each pixel.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TAIL = re.compile(r"#(\d+)#(\??)((?:\d+=\d+)(?:,\d+=\d+)*|)$")


@dataclass(frozen=True, slots=True)
class MaskName:
    """The parts of a name; `file` and `image` are relative to one folder, or absolute after `parsed`."""

    file: str
    image: str
    frame: int
    values: tuple[tuple[int, int], ...]  # number of the segment -> class
    covered: bool = False

    def text(self) -> str:
        """The name, relative to the same folder as `file`."""
        beside = os.path.relpath(self.image, os.path.dirname(self.file) or ".").replace(os.sep, "/")
        pairs = ",".join(f"{number}={value}" for number, value in self.values)
        return f"{self.file}#{beside}#{self.frame}#{'?' if self.covered else ''}{pairs}"


def parsed(path: Path) -> MaskName | None:
    """The name at the end of an absolute path; None when the path is that of an ordinary file."""
    found = _TAIL.search(str(path))
    if found is None or path.exists():
        return None
    before = str(path)[: found.start()]
    cuts = [place for place, sign in enumerate(before) if sign == "#" and os.path.isfile(before[:place])]
    if not cuts:
        return None
    file = before[: cuts[-1]]
    image = os.path.normpath(os.path.join(os.path.dirname(file), before[cuts[-1] + 1 :]))
    pairs = (pair.split("=") for pair in found[3].split(",") if pair)
    values = tuple((int(number), int(value)) for number, value in pairs)
    return MaskName(file, image, int(found[1]), values, bool(found[2]))


def file_of(name: str, folder: Path) -> str:
    """The file behind the name of a mask, relative to the folder: the name itself where it is a file's."""
    known = parsed(folder / name) if "#" in name else None
    return name if known is None else os.path.relpath(known.file, folder).replace(os.sep, "/")
