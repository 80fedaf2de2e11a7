"""One file judged: what its header says, or why it is not used."""

from __future__ import annotations

from pathlib import Path

from runtime.data.catalogue import Skipped
from runtime.data.dicom_walk import Unplain
from runtime.data.facts import Facts, facts_at_once, facts_of
from runtime.data.faults import READ_ERRORS, FileFault, in_words
from runtime.data.sniff import content_of


def judge_at_once(folder: str, path: str) -> Facts | Skipped | None:
    """What `judge` says of an ordinary DICOM file, several times as fast; None for all files that need the long way."""
    try:
        return facts_at_once(f"{folder}/{path}", path)
    except FileFault as fault:
        return Skipped(path, str(fault))
    except (Unplain, OSError):
        return None


def judge(root: Path, path: str) -> Facts | Skipped:
    """Read the header of `path`, relative to `root`; whatever is wrong with the file becomes its reason."""
    try:
        return facts_of(root, path, content_of(root / path))
    except FileFault as fault:
        return Skipped(path, str(fault))
    except READ_ERRORS as error:
        return Skipped(path, in_words(error))
