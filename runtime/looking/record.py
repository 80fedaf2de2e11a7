"""What a look inside found, as one small file: facts as JSON, and arrays. No torch, no pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.errors import RunError
from runtime.store import write_safely

FORMAT = 1
_MOST_BYTES = 2**30  # of all arrays of a file together, beyond which it is not read


@dataclass(frozen=True, slots=True)
class Record:
    """`kind` names what was looked at, `facts` are plain values, `arrays` hold numbers."""

    kind: str
    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The facts as the commands print them, without the arrays."""
        return {"record": self.kind, **self.facts}


def write_record(record: Record, path: Path) -> None:
    """Write to an `.npz` file, or as text to a `.json` file (arrays as nested lists). Raises OSError."""
    facts = {"format": FORMAT, **record.as_dict()}
    if path.suffix.casefold() == ".json":
        lists = {name: np.round(array.astype(float), 6).tolist() for name, array in record.arrays.items()}
        text = json.dumps({**facts, "arrays": lists}, ensure_ascii=False, allow_nan=False)
        write_safely(path, (text + "\n").encode("utf-8"))
        return
    packed = io.BytesIO()
    arrays: dict[str, Any] = {f"array:{name}": array for name, array in record.arrays.items()}
    np.savez_compressed(packed, facts=json.dumps(facts, ensure_ascii=False, allow_nan=False), **arrays)
    write_safely(path, packed.getvalue())


def read_record(path: Path, kind: str) -> Record:
    """A record of this kind from an `.npz` file. Raises RunError when it is not one, or one of another format."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise ValueError("it is too large")
        with np.load(path, allow_pickle=False) as held:
            facts = json.loads(str(held["facts"]))
            arrays = {name.removeprefix("array:"): held[name] for name in held.files if name.startswith("array:")}
        if facts.pop("record") != kind or facts.pop("format") != FORMAT:
            raise ValueError("it holds something else")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise RunError(f"{path.name} cannot be read as “{kind}” ({error}); make it again.") from error
    return Record(kind, facts, arrays)
