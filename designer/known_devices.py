"""What there is to compute on, asked of PyTorch in a process of its own, and only where a GPU is in sight."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from designer.process import CommandProcess, End
from runtime.devices import FoundDevice, found_in, gpu_in_sight, missing
from runtime.graph import Training


class KnownDevices(QObject):
    """Begins with the processor alone; `look` asks once, `changed` tells when the answer has come."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gpus: tuple[FoundDevice, ...] = ()
        self.note = ""  # why there is none although one is in sight
        self.known = not gpu_in_sight()
        self._process: CommandProcess | None = None

    def look(self) -> None:
        """Ask, unless that was done."""
        if self.known or self._process is not None:
            return
        self._process = CommandProcess(["devices", "--json"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def take(self, gpus: tuple[FoundDevice, ...], note: str = "") -> None:
        """These are the GPUs."""
        self.gpus, self.note, self.known = gpus, note, True
        self.changed.emit()

    def lack(self, training: Training) -> str:
        """Why this computer cannot compute where the settings say; "" when it can, or when it is not known yet."""
        return missing(training.device, training.processes, self.gpus) if self.known else ""

    def close_down(self) -> None:
        """The window is going away."""
        if self._process is not None:
            self._process.abandon()

    def _on_record(self, record: dict[str, object]) -> None:
        listed = record.get("devices")
        found = [found_in(one) for one in listed] if isinstance(listed, list) else []
        self.take(tuple(one for one in found if one.device != "cpu"), str(record.get("note", "")))

    def _on_end(self, end: End) -> None:
        self._process = None
        if not end.ok:
            self.take((), end.message)
