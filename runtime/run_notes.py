"""What a person writes about a run: tags and a note, in a small file of the run folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors import RunError
from runtime.store import write_safely

FILE = "notes.json"
_MOST_TAGS = 50
_LONGEST_TAG = 60
_LONGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class Notes:
    """Tags in the order in which they were given, and a text."""

    tags: tuple[str, ...] = ()
    note: str = ""


def read_notes(folder: Path) -> Notes:
    """What was written about the run; nothing for a run without such a file, or with a damaged one."""
    content = _content(folder)
    tags, note = content.get("tags"), content.get("note")
    return Notes(
        tidy_tags(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        note[:_LONGEST_NOTE] if isinstance(note, str) else "",
    )


def write_notes(folder: Path, notes: Notes) -> None:
    """Keep what was written; whatever else the file holds stays in it. Raises RunError when it cannot be written."""
    content = {**_content(folder), "format": 1, "tags": list(tidy_tags(notes.tags)), "note": notes.note[:_LONGEST_NOTE]}
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    try:
        write_safely(folder / FILE, text.encode("utf-8", "replace"))
    except OSError as error:
        why = error.strerror or error
        raise RunError(f"The note of the run {folder.name} could not be kept: {why}. Make room, try again.") from error


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without commas, needless spaces, empty ones and ones that are there twice."""
    words = (" ".join(tag.replace(",", " ").split())[:_LONGEST_TAG] for tag in tags)
    return tuple(dict.fromkeys(word for word in words if word))[:_MOST_TAGS]


def _content(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
