"""A run made again from nothing but the folder of an earlier one: its graph, split, seed and settings. No torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.attach import sources_in_use
from runtime.data.catalogue import Parts
from runtime.data.matched import Matched
from runtime.errors import DataDiffer, RunError
from runtime.graph import Graph, Node
from runtime.job import Job, load_job
from runtime.runs import Run, create_run, default_run_folder
from runtime.splits import load_split
from runtime.store import write_safely

_BEFORE = "repeats.json"


def repeat_job(earlier: Path, folder: Path, data: Path | Mapping[str, Path] | None = None) -> Job:
    """The job that does again, in another folder, what a run did; `data` is where its data lie now, by source where it
    learned from several.

    Raises RunError when the earlier run has no job or split that can be read.
    """
    saved = load_job(earlier)
    load_split(earlier)  # without it there is nothing to repeat
    if isinstance(data, Path):
        data = dict.fromkeys(sources_in_use(saved.graph), data)
    if data is not None and len(set(data.values())) < len(data):
        raise RunError(f"{earlier.name} learned from several folders; name the place of each.")
    graph = saved.graph if data is None else _at(saved.graph, data)
    return Job(graph, folder.absolute(), repeats=earlier.name)


def create_repeat(job: Job, earlier: Path) -> Run:
    """Make the run folder of such a job, with the split of the earlier run, the way in which its steps were run (where
    one was chosen), and the record of where it was trained.

    Raises RunError as `create_run`.
    """
    run = create_run(job)
    shutil.copyfile(earlier / "split.json", run.folder / "split.json")
    for name in ("weights.json", "step.json"):  # what the earlier run began with, and how its steps were run
        with suppress(FileNotFoundError):
            shutil.copyfile(earlier / name, run.folder / name)
    content = {"run": earlier.name, "environment": environment_of(earlier)}
    write_safely(run.folder / _BEFORE, (json.dumps(content, indent=1) + "\n").encode("utf-8"))
    return run


def repeat_folder(earlier: Path) -> Path:
    """A new folder beside the run that is repeated."""
    beside = earlier.absolute().parent
    if beside.name.endswith("-runs"):
        return default_run_folder(beside.parent / beside.name.removesuffix("-runs"))
    number, folder = 1, beside / f"{earlier.name}-again"
    while folder.exists():
        number += 1
        folder = beside / f"{earlier.name}-again-{number}"
    return folder


def parts_again(run_folder: Path, cases: Matched) -> Parts:
    """The parts of the run that is repeated. Raises DataDiffer when the data are not those that it learned from."""
    saved = load_split(run_folder)
    parts = saved.found(cases)
    if saved.fingerprint != cases.cases.fingerprint or not saved.says(cases, parts):
        raise DataDiffer(
            "The data are not those that the repeated run learned from (files, their times or labels differ), so its "
            "numbers cannot come out again. Bring the folder back to what it was, name where it lies now with --data, "
            "or train a new run."
        )
    return parts


def environment_of(run_folder: Path) -> Mapping[str, Any]:
    """With what a run was trained; {} where it is not known."""
    try:
        read = json.loads((run_folder / "environment.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def environment_before(run_folder: Path) -> Mapping[str, Any]:
    """The environment of the repeated run, as it was noted in the folder of the one that repeats it; {} for others."""
    try:
        read = json.loads((run_folder / _BEFORE).read_text(encoding="utf-8"))["environment"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return read if isinstance(read, dict) else {}


def environment_warnings(run_folder: Path) -> tuple[str, ...]:
    """What is another here than where the repeated run was trained, in one sentence; () when nothing is.

    To be asked when the environment of this run has been written.
    """
    try:
        before = json.loads((run_folder / _BEFORE).read_text(encoding="utf-8"))
        old, name = _flat(before["environment"]), str(before["run"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{run_folder / _BEFORE} is damaged; repeat the run in a new folder.") from error
    if not old:
        return (f"It is not known with what the run {name} was trained, so its numbers may not come out again.",)
    new = _flat(environment_of(run_folder))
    changed = [
        f"{what} {old.get(what, 'none')} then, {new.get(what, 'none')} now"
        for what in sorted({*old, *new})
        if old.get(what) != new.get(what)
    ]
    if not changed:
        return ()
    return (f"The run {name} was trained elsewhere or with other versions ({'; '.join(changed)}): its numbers may not "
            "come out again to the last digit.",)  # fmt: skip


def _flat(environment: Mapping[str, Any]) -> dict[str, str]:
    """The entries of an environment by name, its packages among them."""
    listed = {**{name: value for name, value in environment.items() if name not in ("packages", "format")}}
    listed |= environment.get("packages", {})
    return {name: str(value) for name, value in listed.items()}


def _at(graph: Graph, data: Mapping[str, Path]) -> Graph:
    def moved(node: Node) -> Node:
        if node.id not in data:
            return node
        return replace(node, settings={**node.settings, "folder": str(data[node.id].absolute())})

    return replace(graph, nodes={node_id: moved(node) for node_id, node in graph.nodes.items()})
