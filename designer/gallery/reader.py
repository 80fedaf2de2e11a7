"""Reads projects and templates for their pictures, one file in each turn of the event loop.

There is no thread: Python's collector may run in whichever thread allocates, and a widget that it frees outside of the
window's thread ends the program. Small files are read in milliseconds; large ones are not pictured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from designer.gallery.sizes import Sizes, sizes
from designer.gallery.sketch import Sketch, sketch
from runtime.files import ProjectError, load_graph

_MOST_BYTES = 2 * 2**20  # some five thousand nodes


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a file: its picture and sizes, or why there is none; of too large a file, nothing."""

    sketch: Sketch | None = None
    sizes: Sizes | None = None
    missing: bool = False
    wrong: str = ""


def look_at(path: Path) -> Seen:
    """Read one file; never raises for what the file is like."""
    try:
        if not path.is_file():
            return Seen(missing=True)
        if path.stat().st_size > _MOST_BYTES:
            return Seen()
        graph = load_graph(path).graph
    except OSError as error:
        return Seen(wrong=f"{path.name} could not be read: {error.strerror or error}.")
    except ProjectError as error:
        return Seen(wrong=str(error))
    return Seen(sketch(graph), sizes(graph))


class Reader(QObject):
    """Reads what it is asked for, first come first served, while the window goes on."""

    seen = Signal(str, object)  # the path as asked for, Seen

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[Path, Seen] = {}
        self._waiting: dict[Path, None] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_one)

    @property
    def known(self) -> Mapping[Path, Seen]:
        """What was read so far."""
        return self._known

    @property
    def busy(self) -> bool:
        """Whether files are still to be read."""
        return bool(self._waiting)

    def ask(self, path: Path) -> None:
        """Read the file, unless that was done; `seen` follows, never at once."""
        self._waiting[path] = None
        self._timer.start()

    def forget(self, path: Path) -> None:
        """Read the file again when it is next asked for."""
        self._known.pop(path, None)

    def _read_one(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        path = next(iter(self._waiting))
        del self._waiting[path]
        if path not in self._known:
            self._known[path] = look_at(path)
        self.seen.emit(str(path), self._known[path])
