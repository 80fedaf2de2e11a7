"""An imported drawing as files: the project, and the weights beside it, which its training then begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from safetensors.numpy import save

from runtime.errors import RunError
from runtime.files import save_graph
from runtime.importing.imported import Imported
from runtime.store import write_safely


@dataclass(frozen=True, slots=True)
class Written:
    """Where an imported drawing lies."""

    project: Path
    weights: Path | None


def weights_beside(project: Path) -> Path:
    """Where the weights of a project are written."""
    return project.with_suffix(".safetensors")


def write_imported(imported: Imported, project: Path, *, replacing: bool = False) -> Written:
    """Write the project and, where there are weights, a safetensors file beside it that the training begins with.

    Raises RunError when a file is there already and `replacing` was not asked for, ProjectError or OSError when a file
    cannot be written.
    """
    weights = weights_beside(project) if imported.weights else None
    for file in (project, weights):
        if file is not None and file.exists() and not replacing:
            raise RunError(f"{file} is there already; choose another name, or say --replace to write over it.")
    graph = imported.graph
    if weights is not None:
        write_safely(weights, save({name: array.copy() for name, array in imported.weights.items()}))
        graph = replace(graph, training=replace(graph.training, weights_from=str(weights.resolve())))
    save_graph(graph, project)
    return Written(project, weights)


def free_name(wanted: Path) -> Path:
    """The path, with a number behind its name when it or its weights are there already."""
    taken = wanted
    number = 1
    while taken.exists() or weights_beside(taken).exists():
        number += 1
        taken = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return taken
