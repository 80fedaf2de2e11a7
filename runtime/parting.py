"""The parts of a run: divided as its training settings say, with every case on the side it had before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Parts
from runtime.data.matched import Matched
from runtime.data.split import Division, divide
from runtime.data.split_columns import values_for
from runtime.data.split_how import How, how_of
from runtime.data.split_kept import KeptSides, in_setting, recorded
from runtime.graph import Graph
from runtime.job import Job
from runtime.repeating import parts_again


def divided(job: Job, cases: Matched) -> tuple[Parts, KeptSides]:
    """The parts of a job's data, and the record to be kept of them.

    A run that repeats another has its parts. Else sides are taken from this run where it is resumed, then from the
    source node, then from the project's earlier runs. A source that is drawn independently is divided after the leading
    one, and a patient that both know is in the same part of both.
    Raises DataError when the data cannot be divided so.
    """
    how = how_of(job.training)
    if job.repeats:
        return parts_again(job.folder, cases), recorded(how.name, {})
    kept = [record for record in _before(job, cases.lead) if record.name == how.name]
    division = _division(cases.cases, how, kept)
    record = recorded(how.name, division.sides, kept)
    apart: dict[str, Parts] = {}
    for source, dataset in cases.divided_apart():
        own = [record, *(one for one in _of_source(job.graph, source) if one.name == how.name)]
        found = _division(dataset, how, own)
        apart[source], record = found.parts, recorded(how.name, found.sides, [record])
    parts = replace(division.parts, apart=apart)
    _refuse_leaks(job.graph, cases, parts)
    return parts, record


def _division(dataset: DataSet, how: How, kept: Sequence[KeptSides]) -> Division:
    return divide(dataset, how, values_for(dataset, how), kept)


def _refuse_leaks(graph: Graph, cases: Matched, parts: Parts) -> None:
    """Raise DataError for a patient that is in one part of a source and in another part of one drawn independently."""
    sides: dict[str, tuple[Part, str]] = {}
    for source, dataset in ((cases.lead, cases.cases), *cases.divided_apart()):
        own = parts.in_source(source)
        for part in PARTS:
            for patient in {dataset.samples[index].patient for index in own.of(part)} - {""}:
                before, other = sides.setdefault(patient, (part, source))
                if before != part and other != source:
                    raise DataError(
                        f"The patient {patient} is in the {before} part of “{graph.nodes[other].name}” and in the "
                        f"{part} part of “{graph.nodes[source].name}”, so what is measured would have been learned "
                        "from; name the same part in both folders, or none."
                    )


def _before(job: Job, source: str) -> Iterator[KeptSides]:
    if job.resume:
        yield from _of_run(job.folder)
    yield from _of_source(job.graph, source)
    if job.folder.parent.name.endswith("-runs"):  # the runs of this project, see runs.default_run_folder
        for path in sorted(job.folder.parent.glob("*/split.json")):
            if path.parent != job.folder:
                yield from _of_run(path.parent)


def _of_source(graph: Graph, source: str) -> tuple[KeptSides, ...]:
    node = graph.nodes.get(source)
    return in_setting(node.settings.get("kept_parts")) if node else ()


def _of_run(folder: Path) -> tuple[KeptSides, ...]:
    """The record of a run; one that cannot be read keeps nothing."""
    try:
        content = json.loads((folder / "split.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return in_setting(content.get("kept")) if isinstance(content, dict) else ()
