"""RUN/split.json: which case is in which part, without its path or patient: each is a salted hash of its key."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runtime.data.catalogue import PARTS, DataSet, Part, Parts
from runtime.data.matched import Matched
from runtime.data.split_kept import KeptSides, as_setting
from runtime.errors import RunError
from runtime.store import write_safely

FORMAT = 2  # 1 had one list of training counts, that of the only source


@dataclass(frozen=True, slots=True)
class SavedSplit:
    """A split as it was written: `parts` holds the hashes of the cases of each part, `apart` the same by source for
    those whose cases are drawn independently."""

    salt: str
    how: str
    fingerprint: str
    parts: Mapping[Part, frozenset[str]]
    counts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # as save_split has them, by source
    apart: Mapping[str, Mapping[Part, frozenset[str]]] = field(default_factory=dict)

    def indexes(self, dataset: DataSet, part: Part, source: str = "") -> tuple[int, ...]:
        """The cases of a part in a data set: that of the leading source, unless the `source` is one that is drawn
        independently."""
        wanted = self.apart.get(source, self.parts)[part]
        return tuple(
            index for index, sample in enumerate(dataset.samples) if hashed(self.salt, sample.key) in wanted
        )

    def found(self, cases: Matched) -> Parts:
        """The parts of these cases, without those that are no longer there."""
        apart = {source: self._found(dataset, source) for source, dataset in cases.divided_apart()}
        return replace(self._found(cases.cases, cases.lead), apart=apart)

    def _found(self, dataset: DataSet, source: str) -> Parts:
        train, validation, test = (self.indexes(dataset, part, source) for part in PARTS)
        return Parts(train, validation, test, self.how)

    def says(self, cases: Matched, parts: Parts) -> bool:
        """Whether a split of the cases is the same as this one, and none of its cases is missing."""
        if set(self.apart) != set(cases.apart):
            return False
        found = self.found(cases)
        return all(
            found.in_source(source).of(part) == parts.in_source(source).of(part)
            and len(parts.in_source(source).of(part)) == len(self.apart.get(source, self.parts)[part])
            for source in (cases.lead, *cases.apart)
            for part in PARTS
        )


def hashed(salt: str, text: str) -> str:
    """The salted hash that stands for a case."""
    return hashlib.sha256(f"{salt}{text}".encode("utf-8", "surrogateescape")).hexdigest()


def save_split(
    folder: Path, cases: Matched, parts: Parts, counts: Mapping[str, Sequence[float]], kept: Sequence[KeptSides] = ()
) -> None:
    """Write the split of a run, how often each class occurs in its training part by source (of several numbers, how far
    they spread there), and the sides for later runs."""
    salt, dataset = secrets.token_hex(16), cases.cases
    patients = {part: len({dataset.samples[index].group for index in parts.of(part)}) for part in PARTS}
    content = {
        "format": FORMAT,
        "salt": salt,
        "how": parts.how,
        "fingerprint": dataset.fingerprint,
        "patients": patients,
        "training_counts": {source: list(told) for source, told in counts.items()},
        "parts": _hashes(salt, dataset, parts),
        "apart": {source: _hashes(salt, own, parts.apart[source]) for source, own in cases.divided_apart()},
        "warnings": list(parts.warnings),
        "kept": as_setting(kept),
    }
    write_safely(folder / "split.json", (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def _hashes(salt: str, dataset: DataSet, parts: Parts) -> dict[Part, list[str]]:
    return {part: sorted(hashed(salt, dataset.samples[index].key) for index in parts.of(part)) for part in PARTS}


def load_split(folder: Path) -> SavedSplit:
    """The split of a run. Raises RunError when it is not there or damaged."""
    path = folder / "split.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parts, counts = _parts(content["parts"]), _counts(content["training_counts"])
        apart = {str(source): _parts(own) for source, own in dict(content.get("apart", {})).items()}
        return SavedSplit(str(content["salt"]), str(content["how"]), str(content["fingerprint"]), parts, counts, apart)
    except FileNotFoundError as error:
        raise RunError(f"The run {folder.name} has no split.json: it did not begin to train.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged: it is not a split as this program writes it.") from error


def check_split(folder: Path, cases: Matched, parts: Parts) -> None:
    """Raises RunError unless the data and their parts are those that the run began with."""
    saved = load_split(folder)
    if saved.fingerprint != cases.cases.fingerprint or not saved.says(cases, parts):
        raise RunError(
            "The data changed since this run began, so it cannot be resumed: its parts would be others. "
            "Train a new run, or bring the folder back to what it was."
        )


def _parts(told: Any) -> dict[Part, frozenset[str]]:
    return {part: frozenset(told[part]) for part in PARTS}


def _counts(told: Any) -> dict[str, tuple[float, ...]]:
    """The counts by source; those of format 1 under "", which stands for the leading source."""
    by_source = {"": told} if isinstance(told, list) else dict(told)
    return {str(source): tuple(_count(count) for count in counts) for source, counts in by_source.items()}


def _count(told: Any) -> float:
    """A count of classes, or a spread of numbers. Raises ValueError for what is neither."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise ValueError(f"{told} is no count")
    return told
