"""Reads projects and templates for their pictures, beside the window: a slow drive never holds the window up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from designer.gallery.sizes import Sizes, sizes
from designer.gallery.sketch import Sketch, sketch
from runtime.files import ProjectError, load_graph

_POLL_MS = 15


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a file: its picture and sizes, or in words why there is none."""

    sketch: Sketch | None = None
    sizes: Sizes | None = None
    missing: bool = False
    wrong: str = ""


def look_at(path: Path) -> Seen:
    """Read one file; never raises for what the file is like."""
    try:
        if not path.is_file():
            return Seen(missing=True)
        graph = load_graph(path).graph
    except OSError as error:
        return Seen(wrong=f"{path.name} could not be read: {error.strerror or error}.")
    except ProjectError as error:
        return Seen(wrong=str(error))
    return Seen(sketch(graph), sizes(graph))


class Reader(QObject):
    """Reads one file after the other in a thread of its own; what it saw is told in the window's thread."""

    seen = Signal(str, object)  # the path as asked for, Seen

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._found: queue.SimpleQueue[tuple[Path, Seen]] = queue.SimpleQueue()
        self._known: dict[Path, Seen] = {}
        self._waiting: set[Path] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._tell)
        self._thread: threading.Thread | None = None

    @property
    def known(self) -> Mapping[Path, Seen]:
        """What was read so far."""
        return self._known

    @property
    def busy(self) -> bool:
        """Whether files are still to be read."""
        return bool(self._waiting)

    def ask(self, path: Path) -> None:
        """Read the file, unless that was done; `seen` follows."""
        if path in self._waiting:
            return
        if path in self._known:
            self.seen.emit(str(path), self._known[path])
            return
        self._waiting.add(path)
        self._asked.put(path)
        self._timer.start()
        if self._thread is None or not self._thread.is_alive():
            work = (self._asked, self._found)
            self._thread = threading.Thread(target=_read_all, args=work, name="pictures", daemon=True)
            self._thread.start()

    def forget(self, path: Path) -> None:
        """Read the file again when it is next asked for."""
        self._known.pop(path, None)

    def close_down(self) -> None:
        """Let the thread end once it has read what it was asked for."""
        self._asked.put(None)

    def _tell(self) -> None:
        while not self._found.empty():
            path, seen = self._found.get()
            self._waiting.discard(path)
            self._known[path] = seen
            self.seen.emit(str(path), seen)
        if not self._waiting:
            self._timer.stop()


def _read_all(asked: queue.SimpleQueue[Path | None], found: queue.SimpleQueue[tuple[Path, Seen]]) -> None:
    while (path := asked.get()) is not None:
        found.put((path, look_at(path)))
