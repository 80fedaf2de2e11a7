"""The parts of a run: divided as its training settings say, with every case on the side it had before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from runtime.data.catalogue import DataSet, Parts
from runtime.data.split import divide
from runtime.data.split_columns import values_for
from runtime.data.split_how import how_of
from runtime.data.split_kept import KeptSides, in_setting, recorded
from runtime.graph import Graph
from runtime.job import Job
from runtime.repeating import parts_again


def divided(job: Job, source: str, dataset: DataSet) -> tuple[Parts, KeptSides]:
    """The parts of a job's data, and the record to be kept of them.

    A run that repeats another has its parts. Else sides are taken from this run where it is resumed, then from the
    source node, then from the project's earlier runs.
    Raises DataError when the data cannot be divided so.
    """
    how = how_of(job.training)
    if job.repeats:
        return parts_again(job.folder, dataset), recorded(how.name, {})
    kept = [record for record in _before(job, source) if record.name == how.name]
    division = divide(dataset, how, values_for(dataset, how), kept)
    return division.parts, recorded(how.name, division.sides, kept)


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
