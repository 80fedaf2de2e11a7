"""A command about a PACS beside the window: requests go in by stdin, so that no process list shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from designer.process import CommandProcess

_PATIENCE_MS = 3000  # for saying goodbye to the PACS


class PacsProcess(CommandProcess):
    """Runs `netloom pacs COMMAND`. Stopping it lets it close its connection and keep what has come."""

    def __init__(self, command: str, request: Mapping[str, Any], parent: QObject | None = None) -> None:
        words = ["pacs", command, "--request", "-", *(() if command == "test" else ("--events",))]
        super().__init__(words, parent)
        self._request = (json.dumps(request) + "\n").encode("utf-8")

    def start(self) -> None:
        """Begin; returns at once."""
        super().start()
        self._process.write(self._request)
        self._request = b""

    def stop(self) -> None:
        """End it: the end of stdin says so; it is killed only if it does not listen."""
        if self.running and not self._stopped:
            self._stopped = True
            self._process.closeWriteChannel()
            QTimer.singleShot(_PATIENCE_MS, self, self._kill)

    def _kill(self) -> None:
        if self.running:
            self._process.kill()
