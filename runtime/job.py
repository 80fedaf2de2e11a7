"""A job: the frozen graph and the folder in which it is trained, written into the run folder before the first epoch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from runtime.attach import reattach
from runtime.devices import gpus_of
from runtime.differences import differences
from runtime.errors import RunError, file_error
from runtime.files import load_graph, save_graph
from runtime.graph import Device, Graph, Node, SplitBy, Training
from runtime.store import write_safely
from runtime.training_values import read_training, training_faults

FORMAT = 1
_FIXED = (
    "seed", "batch", "split", "parts", "split_column", "held_out", "folds", "fold", "accumulate", "clip", "ema",
    "precision", "sampling", "processes", "watch",
)  # fmt: skip
"""What stays as it was when a run is resumed: otherwise the curve would not be of one training."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs: the graph (folders absolute, training settings resolved) and the run folder."""

    graph: Graph
    folder: Path
    resume: bool = False
    repeats: str = ""  # the name of the run that is done again: its split lies in the folder
    notes: tuple[str, ...] = field(default=(), compare=False)  # what is to be known of its graph as it was read

    @property
    def training(self) -> Training:
        """How it is trained."""
        return self.graph.training


def make_job(
    graph: Graph,
    run_folder: Path,
    *,
    data: Path | Mapping[str, Path] | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    device: Device | None = None,
    seed: int | None = None,
    split: SplitBy | None = None,
    patience: int | None = None,
    more: Mapping[str, Any] | None = None,
    resume: bool = False,
) -> Job:
    """A job for this graph; what is given here replaces the project's own training settings for this run only.

    With `resume` the run folder holds a run that was begun before: its frozen graph is used, and a graph, seed, batch,
    split or way of stepping that differs is refused, because the curve would no longer be of one training. Epochs,
    patience, device, compile and minutes may change. `more` are further settings by their names in `Training`; those
    that are None are not given. Raises RunError, and DataError when `data` is no folder that fits.
    """
    wanted = {"epochs": epochs, "batch": batch, "device": device, "seed": seed, "split": split, "patience": patience}
    given = {name: value for name, value in {**wanted, **(more or {})}.items() if value is not None}
    if device is not None and gpus_of(device):
        given.setdefault("processes", len(gpus_of(device)))  # each GPU gets one
    if resume:
        return _resumed(graph, run_folder.absolute(), data, given)
    if data is not None:
        graph = reattach(graph, data)
    return Job(replace(graph, training=_resolved(graph.training, given)), run_folder.absolute())


def save_job(job: Job) -> None:
    """Write RUN/project.netloom and RUN/job.json; where the data lie is known to this user alone (see kept_places).

    Raises ProjectError or RunError when they cannot be written.
    """
    save_graph(job.graph, job.folder / "project.netloom", private=True)
    content = {
        "format": FORMAT,
        "graph": "project.netloom",
        "training": {name: value for name, value in asdict(job.training).items() if name != "weights_from"},
        "resume": job.resume,
        "repeats": job.repeats,
    }
    try:
        write_safely(job.folder / "job.json", (json.dumps(content, indent=1) + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error


def load_job(folder: Path) -> Job:
    """The job of a run folder. Raises RunError when there is none, ProjectError when its graph cannot be read."""
    path = folder.absolute() / "job.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{folder} is not a run folder: its job.json could not be read ({error.strerror}).") from error
    except ValueError as error:
        raise RunError(f"{path} is damaged: it is not a job as this program writes it.") from error
    if not isinstance(content, dict) or not isinstance(content.get("training"), dict):
        raise RunError(f"{path} is damaged: it is not a job as this program writes it.")
    if content.get("format") != FORMAT:
        raise RunError(f"{path} has the format {content.get('format')}; this version reads format {FORMAT}.")
    loaded = load_graph(path.parent / "project.netloom")
    graph = loaded.graph
    training = _resolved(graph.training, content["training"])
    resume, repeats = bool(content.get("resume", False)), str(content.get("repeats", ""))
    return Job(replace(graph, training=training), path.parent, resume, repeats, loaded.notes)


def _resumed(graph: Graph, folder: Path, data: Path | Mapping[str, Path] | None, given: Mapping[str, Any]) -> Job:
    saved = load_job(folder)
    if data is not None:
        graph = reattach(graph, data)
    changes = differences(saved.graph, graph)
    if changes:
        shown = "; ".join(changes[:5]) + ("; and more" if len(changes) > 5 else "")
        raise RunError(
            f"The run {folder.name} cannot be resumed, because the project was changed since: {shown}. "
            "Train it as a new run, or resume with the project.netloom in the run folder."
        )
    for name in _FIXED:
        old = getattr(saved.training, name)
        if given.get(name, old) != old:
            raise RunError(
                f"The run {folder.name} was begun with the {name} {old}, and cannot be resumed with {given[name]}; "
                "leave it out, or train a new run."
            )
    nodes = {node_id: _where(node, graph.nodes[node_id]) for node_id, node in saved.graph.nodes.items()}
    graph = replace(saved.graph, nodes=nodes, training=_resolved(saved.training, given))
    return Job(graph, folder, resume=True, repeats=saved.repeats)


def _where(node: Node, now: Node) -> Node:
    """The node with its data where they lie now: a folder may be moved between two starts of a run."""
    if "folder" not in node.settings or "folder" not in now.settings:
        return node
    return replace(node, settings={**node.settings, "folder": now.settings["folder"]})


def _resolved(training: Training, given: Mapping[str, Any]) -> Training:
    """The training settings with what was given instead; raises RunError for a value that does not fit."""
    try:
        resolved = read_training({**asdict(training), **given})
    except ValueError as error:
        raise RunError(f"The {error}.") from error
    for fault in training_faults(resolved):
        raise RunError(fault)
    return resolved
