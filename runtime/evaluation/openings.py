"""How often the test part of a run was opened: `test-openings.json` in the run folder. No torch.

Whoever looks at test cases often and chooses by what they say has no test cases any more.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from runtime.errors import RunError, file_error
from runtime.store import write_safely

_FILE = "test-openings.json"


def openings(folder: Path) -> int:
    """How often the test part was measured so far. Raises RunError when the count is damaged."""
    return len(_listed(folder))


def note_opening(folder: Path, epoch: int) -> int:
    """Count one more, of the checkpoint of this epoch; gives how many there are with it. Raises RunError."""
    listed = [*_listed(folder), {"time": datetime.now(UTC).isoformat(timespec="seconds"), "epoch": epoch}]
    content = (json.dumps({"format": 1, "opened": listed}, indent=1) + "\n").encode("utf-8")
    try:
        write_safely(folder / _FILE, content)
    except OSError as error:
        raise RunError(file_error(error)) from error
    return len(listed)


def _listed(folder: Path) -> list[object]:
    path = folder / _FILE
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["opened"])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(file_error(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path} is damaged, so it cannot be said how often the test part was opened.") from error
