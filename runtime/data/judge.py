"""One file judged: what its header says, or why it is not used."""

from __future__ import annotations

from pathlib import Path

from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts, facts_of
from runtime.data.faults import READ_ERRORS, FileFault, in_words
from runtime.data.sniff import content_of


def judge(root: Path, path: str) -> Facts | Skipped:
    """Read the header of `path`, relative to `root`; whatever is wrong with the file becomes its reason."""
    try:
        return facts_of(root, path, content_of(root / path))
    except FileFault as fault:
        return Skipped(path, str(fault))
    except READ_ERRORS as error:
        return Skipped(path, in_words(error))
