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
    leak = _leak_between(job.graph, cases, parts) if apart else ""
    if leak and how.by not in ("image", "study"):  # who chose these was told that patients are cut
        raise DataError(leak)
    return replace(parts, warnings=(*parts.warnings, *filter(None, [leak]))), record


def _division(dataset: DataSet, how: How, kept: Sequence[KeptSides]) -> Division:
    return divide(dataset, how, values_for(dataset, how), kept)


def _leak_between(graph: Graph, cases: Matched, parts: Parts) -> str:
    """That patients are in one part of a source and in another of one that is drawn independently; "" if none is."""
    sides: dict[str, set[Part]] = {}
    for source, dataset in ((cases.lead, cases.cases), *cases.divided_apart()):
        for part in PARTS:
            for index in parts.in_source(source).of(part):
                sides.setdefault(dataset.samples[index].patient, set()).add(part)
    count = sum(len(found) > 1 for patient, found in sides.items() if patient)
    if not count:
        return ""
    names = " and ".join(f"“{graph.nodes[source].name}”" for source in (cases.lead, *cases.apart))
    return (
        f"{count} {'patient is' if count == 1 else 'patients are'} in different parts of {names}: what is measured "
        "would have been learned from. Name the same part of a patient in each folder, or none."
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
