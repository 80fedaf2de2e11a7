"""Small maps of many cases, kept in the run folder: what is laid over the pictures of the gallery.

A map is kept as `maps/NAME.npz` (a Record “case-map”), where NAME is a hash of the case, its file, the method and the
weights: what was made of other weights, or of a file that has changed, is never found again. No name is in it.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runtime.data.file_stamp import stamp_of
from runtime.errors import RunError
from runtime.looking.heat import moments, resized, strength
from runtime.looking.method_names import Method
from runtime.looking.record import Record, read_record, write_record
from runtime.runs import Run

if TYPE_CHECKING:
    from runtime.looking.explain import Explainer, Explanation

KIND = "case-map"
FOLDER = "maps"
_SIDE = 160  # pixels of the longer side


class KeptMaps:
    """The maps of a run's cases, of its own data or of the folder `data`. The network is loaded for the first map that
    is not kept yet."""

    def __init__(self, run: Run, data: Path | None, spare: Path) -> None:
        """`spare` is the folder for maps of a run folder that cannot be written to."""
        self._run, self._data, self._spare = run, data, spare
        self._folder = data if data is not None else _own_folder(run)
        self._explainer: Explainer | None = None
        self._weights = _mark(run)

    @property
    def outdated(self) -> bool:
        """Whether the run has other weights now."""
        return self._weights != _mark(self._run)

    def map_of(self, case: str, method: Method) -> Path:
        """The file with the map of a case (its key) for what was answered: array `share` int8 (rows, columns), -127 to
        127, of volumes the middle slice, of signals one row. Raises RunError, and DataError when the case cannot be
        read."""
        name = f"{self._name(case, method)}.npz"
        kept = self._run.folder / FOLDER / name
        with suppress(RunError):
            read_record(kept, KIND)
            return kept
        record = _small(self._explained(case, method))
        try:
            kept.parent.mkdir(exist_ok=True)
            write_record(record, kept)
        except OSError:  # a run folder that is read only, or full: the map is shown all the same
            kept = self._spare / name
            write_record(record, kept)
        return kept

    def _explained(self, case: str, method: Method) -> Explanation:
        if self._explainer is None:
            from runtime.looking.explain import Explainer  # brings torch, which a kept map need not wait for

            self._explainer = Explainer(self._run, self._data)
        return self._explainer.explain(case, method)

    def _name(self, case: str, method: Method) -> str:
        file = self._folder / case.partition("#")[0]
        stamp = stamp_of(file) if file.is_file() else ()
        told = repr((str(self._folder), case, stamp, method, self._weights))
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _own_folder(run: Run) -> Path:
    """The folder that the leading source of a run reads."""
    from runtime.analysis import analyse
    from runtime.leading import lead_of

    analysis = analyse(run.job.graph)
    return Path(str(analysis.graph.nodes[lead_of(analysis)].settings.get("folder", "")))


def _mark(run: Run) -> tuple[tuple[str, int, int], ...]:
    """What tells the weights of a run's best epoch from others."""
    files = sorted((run.folder / "checkpoints").glob("best*.safetensors"))
    return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def _small(made: Explanation) -> Record:
    share = strength(made.found)
    if share.ndim == 1:
        share = moments(share, min(len(share), _SIDE))[None]
    if share.ndim == 3:
        share = share[len(share) // 2]
    rows, columns = share.shape
    scale = min(1.0, _SIDE / max(rows, columns))
    small = resized(share, max(1, round(rows * scale)), max(1, round(columns * scale)))
    facts = {"method": made.method, "class": made.classes[made.target], "sanity": asdict(made.sanity)}
    return Record(KIND, facts, {"share": np.round(127 * small).astype(np.int8)})
