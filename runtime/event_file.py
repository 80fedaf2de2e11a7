"""The events of a run as they are appended to events.jsonl: whole lines only, also where the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

from runtime.room import Room, is_full


class EventFile:
    """Appends lines. A full disk is waited for; a line that was cut off by it is taken back and written again."""

    def __init__(self, path: Path, room: Room) -> None:
        self._file = path.open("ab", buffering=0)
        self._room = room
        room.keep_reserve()

    def append(self, text: str, durable: bool = False) -> None:
        """Write a line; `durable`: also through the system's memory to the disk.

        On a full disk it first takes the reserve, then waits for room. Raises OSError when the run is asked to stop
        before there is any, and for every other fault.
        """
        content = (text + "\n").encode("utf-8")
        length = self._file.tell()
        tries = 0
        while True:
            try:
                self._write(content)
                break
            except OSError as error:
                self._file.truncate(length)
                self._file.seek(length)
                self._room.give_reserve()
                tries += 1
                if not is_full(error) or (tries > 1 and not self._room.wait(len(content))):
                    raise
        if tries == 0:
            self._room.keep_reserve()
        if durable:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file and let the reserve go."""
        self._file.close()
        self._room.give_reserve()

    def _write(self, content: bytes) -> None:
        """All of it: a disk that fills up takes a part first, and refuses the rest."""
        left = memoryview(content)
        while left:
            left = left[self._file.write(left) :]
