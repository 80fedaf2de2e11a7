"""What a report is made of: everything that a run folder holds, and its data as they lie there now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodes.roles import DataSource
from runtime.analysis import Analysis, analyse
from runtime.attach import data_sources
from runtime.data.catalogue import Catalogue, DataError, DataSet
from runtime.errors import InputError, RunError
from runtime.evaluation.record import Cases, Evaluation, load_cases, load_record
from runtime.report.pseudonyms import Pseudonyms, pseudonyms_of
from runtime.run_facts import RunFacts, facts_of
from runtime.runs import Run
from runtime.source_data import dataset_of
from runtime.splits import SavedSplit, load_split

_ORDER = ("test", "all", "external-test", "external-validation", "external-train", "validation", "train")


@dataclass(frozen=True, slots=True)
class Measured:
    """One evaluation of the run, with its cases where they were kept."""

    stem: str
    record: Evaluation
    cases: Cases


@dataclass(frozen=True, slots=True)
class OwnData:
    """The folder that the run learned from. `changed`: its files or labels are not those of the run any more."""

    dataset: DataSet
    catalogue: Catalogue
    changed: bool


@dataclass(frozen=True)
class Gathered:
    """What the sections read. `data` is None when the folder cannot be read now; `no_data` says why."""

    run: Run
    facts: RunFacts
    analysis: Analysis
    source: DataSource | None
    split: SavedSplit
    split_file: Mapping[str, Any]
    environment: Mapping[str, Any]
    best: Mapping[str, Any]
    measured: tuple[Measured, ...]
    outdated: tuple[str, ...]
    data: OwnData | None
    no_data: str
    pseudonyms: Pseudonyms
    statements: Mapping[str, str] = field(default_factory=dict)


def gathered(run: Run, statements: Mapping[str, str]) -> Gathered:
    """Read a trained run. Raises RunError when it has no checkpoint or split yet, or a file of it is damaged."""
    folder = run.folder
    split = load_split(folder)
    analysis = analyse(run.job.graph)
    source = _source(analysis)
    data, no_data = _own_data(source, split)
    measured, outdated = _measured(folder)
    return Gathered(
        run=run,
        facts=facts_of(run),
        analysis=analysis,
        source=source,
        split=split,
        split_file=_json(folder / "split.json"),
        environment=_json(folder / "environment.json"),
        best=_json(folder / "checkpoints" / "best.json"),
        measured=measured,
        outdated=outdated,
        data=data,
        no_data=no_data,
        pseudonyms=pseudonyms_of(folder.parent),
        statements=statements,
    )


def _source(analysis: Analysis) -> DataSource | None:
    found = [analysis.facts[node_id].type for node_id in data_sources(analysis.graph)]
    return found[0] if len(found) == 1 and isinstance(found[0], DataSource) else None


def _own_data(source: DataSource | None, split: SavedSplit) -> tuple[OwnData | None, str]:
    from runtime.data.scan import scan  # reads headers with pydicom, which is slow to import

    if source is None:
        return None, "The project does not read exactly one folder."
    try:
        catalogue = scan(Path(str(getattr(source, "folder", ""))))
        dataset = dataset_of(source, catalogue)
    except DataError:
        return None, "The data folder could not be read when this report was written."
    return OwnData(dataset, catalogue, dataset.fingerprint != split.fingerprint), ""


def _measured(folder: Path) -> tuple[tuple[Measured, ...], tuple[str, ...]]:
    """The evaluations, the test part first; and those of an older version, which kept no cases."""
    stems = [path.stem.removeprefix("evaluation-") for path in sorted(folder.glob("evaluation-*.json"))]
    stems.sort(key=lambda stem: _ORDER.index(stem) if stem in _ORDER else len(_ORDER))
    found, outdated = [], []
    for stem in stems:
        record = load_record(folder, stem)
        if record is None:
            outdated.append(stem)
        else:
            found.append(Measured(stem, record, load_cases(folder, stem)))
    return tuple(found), tuple(outdated)


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError([f"{path.parent} lacks {path.name}; train the run before you report it."]) from error
    except (OSError, ValueError) as error:
        raise RunError(f"{path} is damaged: it is not as this program writes it.") from error
    if not isinstance(content, dict):
        raise RunError(f"{path} is damaged: it is not as this program writes it.")
    return content
