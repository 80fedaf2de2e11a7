"""A queue of folds as the window follows it: a process that outlives the window works, its files tell how far."""

from __future__ import annotations

import subprocess
import sys
import threading

from PySide6.QtCore import QObject, QTimer, Signal

from designer.beside import Beside
from designer.parts import without_options
from designer.process import command_line, detached
from designer.training.session import last_words
from runtime.errors import RunError
from runtime.evaluation.fold_queue import FoldQueue, Standing

_LOOK_EVERY_MS = 1000


class FoldSession(QObject):
    """Starts the process, and tells again and again how the queue stands."""

    told = Signal(object)  # Standing
    broke_off = Signal(str)  # why the process that was started here ended before the queue

    def __init__(self, queue: FoldQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.queue = queue
        self._process: subprocess.Popen[bytes] | None = None
        self._log_before = 0
        self._reader = Beside(_standing, self)
        self._reader.came.connect(self._on_read)
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self.look)

    @property
    def started_here(self) -> bool:
        """Whether a process that was started from here still lives."""
        return self._process is not None

    def follow(self) -> None:
        """Tell how it stands, now and from now on."""
        self._look.start()
        self.look()

    def look(self) -> None:
        """Read how it stands."""
        self._reader.ask(self.queue)

    def start(self) -> None:
        """Work the queue off, from where it stands. Raises RunError and OSError when that cannot be begun."""
        asked = self.queue.asked
        if not self.queue.project.exists():
            raise RunError(f"{self.queue.folder} holds no project.netloom to train; call “netloom folds” for it again.")
        which = ("--by", asked.column) if asked.column else ("--k", str(asked.k))
        words = command_line("folds", str(self.queue.project), "--out", str(self.queue.folder), *which)
        self.queue.go_on()
        with self.queue.log.open("ab") as log:
            self._log_before = log.tell()
            self._process = detached([sys.executable, *words], log)
        # Somebody has to wait for the process, or the system keeps its entry when it has ended.
        threading.Thread(target=self._process.wait, daemon=True).start()
        self.follow()

    def stop(self) -> None:
        """Stop; what was learned is kept. A process that still reads the data has nothing to keep."""
        self.queue.ask_to_stop()
        if self._process is not None and not self.queue.working:
            self._process.terminate()
        self.look()

    def close_down(self) -> None:
        """Follow no longer; the process goes on."""
        self.blockSignals(True)
        self._look.stop()
        self._reader.close_down()

    def _on_read(self, _queue: FoldQueue, standing: Standing) -> None:
        code = self._process.poll() if self._process is not None else None
        if code is None:
            self.told.emit(standing)
            return
        self._process = None
        if code and not self.queue.asked_to_stop:
            self.broke_off.emit(without_options(last_words(self.queue.log, self._log_before)))
        self.look()  # what the process did between the reading and its end


def _standing(queue: FoldQueue) -> Standing:
    return queue.standing()
