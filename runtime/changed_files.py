"""The names of data files for which a run stopped: kept for the user alone, because they are often patients'."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from runtime.data.cache_place import default_cache_folder
from runtime.store import write_safely

_NAMED = 5


def changed_names(run_folder: Path) -> tuple[str, ...]:
    """The names of the files for which a run stopped, relative to its data folder; () where none were noted.

    They are kept in the user's cache folder and not in the run folder, which may be given away.
    """
    try:
        read = json.loads(_place(run_folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(str(name) for name in read) if isinstance(read, list) else ()


def note_names(run_folder: Path, names: Sequence[str]) -> None:
    """Remember the files for which a run stops."""
    place = _place(run_folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_safely(place, (json.dumps(sorted(names)) + "\n").encode("utf-8", "surrogateescape"))


def _place(run_folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(run_folder.absolute())).hexdigest()[:32]
    return default_cache_folder() / "changed-files" / f"{name}.json"


def changed_sentence(run_folder: Path) -> str:
    """The files in a sentence for the window or a terminal; "" where none were noted. Not for the run folder."""
    names = changed_names(run_folder)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"By name: {', '.join(names[:_NAMED])}{more}." if names else ""
