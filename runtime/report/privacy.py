"""No identifier leaves in a report: what may name a patient, a person, a machine or a folder is replaced everywhere."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from runtime.data.catalogue import Catalogue, DataSet

REPLACED = "(name left out)"
_NOBODY = {"root", "admin", "administrator", "Administrator", "user", "home", "localhost"}
_SHORTEST = 4  # signs; "I1" or "12" stand in any text
_WORD = re.compile(r"[a-z]+")  # such as “image”: an ordinary word, no name
_NO_NAME = r"\s“”\"';:,()"
_PATH = re.compile(
    rf"(?:\b[A-Za-z]:)?[^{_NO_NAME}/]*\\[^{_NO_NAME}]*[^.{_NO_NAME}]"  # with folders, as Windows writes them
    rf"|(?<![\w.])~?/[^{_NO_NAME}]*[^.{_NO_NAME}]"  # from the root on; T1/T2 and 70/15/15 are no paths
    rf"|[^{_NO_NAME}\\]+\.(?:[A-Za-z]{{2,5}}\d?|gz)(?!\w)"  # a name with an ending
)
_SEVERAL = re.compile(r"a file(?:, a file)+")
_EXAMPLE = re.compile(r" \(such as a file(?: \d+)?(?:(?:,| and) a file(?: \d+)?)*\)")  # which tells nothing any more


def identifiers_in(dataset: DataSet, catalogue: Catalogue) -> frozenset[str]:
    """Whatever in a data set may name somebody: what an export is searched for, names of folders and of other files."""
    from runtime.delivery.identifiers import identifiers_of  # reads headers with pydicom, which is slow to import

    keep = {*dataset.classes, "train", "validation", "val", "test"}
    paths = {sample.path for sample in dataset.samples} | {item.path for item in catalogue.skipped}
    paths |= {sample.mask or "" for sample in dataset.samples} | set(dataset.label_files)
    parts = {part for path in paths for part in (path, *path.split("/"), path.rpartition("/")[2].partition(".")[0])}
    named = {part for part in parts if part not in keep and not _WORD.fullmatch(part)}
    return _long_enough({*identifiers_of(dataset), *named})


def identifiers_here(*folders: Path) -> frozenset[str]:
    """Who and where this is: user, host, home and these folders."""
    home = Path.home()
    names = {home.name, platform.node(), *(os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME"))}
    return _long_enough(
        {*(names - _NOBODY), str(home), *map(str, folders), *(os.path.realpath(one) for one in folders)}
    )


def without(value: Any, identifiers: Iterable[str]) -> Any:
    """The value, a tree as JSON has it, with every identifier replaced: in its texts and in its keys."""
    text = json.dumps(value, ensure_ascii=False).casefold()
    there = {name for name in identifiers if json.dumps(name, ensure_ascii=False)[1:-1].casefold() in text}
    if not there:
        return value
    ordered = sorted(there, key=lambda name: (-len(name), name))
    return _replaced(value, re.compile("|".join(map(_alone, ordered))))


def without_paths(sentence: str) -> str:
    """A sentence in which “a file” stands where it names files or folders."""
    return _SEVERAL.sub("some files", _EXAMPLE.sub("", _PATH.sub("a file", sentence)))


def _alone(name: str) -> str:
    """The name where it stands for itself; one that looks like an ordinary word only where it is spelled just so."""
    if _WORD.fullmatch(name):
        return rf"\b{name}\b"
    return rf"(?<![A-Za-z0-9])(?i:{re.escape(name)})(?![A-Za-z0-9])"


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(REPLACED, value)
    if isinstance(value, Mapping):
        return {_replaced(name, pattern): _replaced(part, pattern) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, pattern) for part in value]
    return value


def _long_enough(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if len(name) >= _SHORTEST)
