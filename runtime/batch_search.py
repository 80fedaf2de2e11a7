"""The batch size for a project as it is: the data that it names, the device and processes that it is trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.analysis import analyse
from runtime.devices import gpus_of
from runtime.graph import Graph
from runtime.leading import lead_of

if TYPE_CHECKING:
    from runtime.batch_size import FoundBatch, Tell


def found_batch(graph: Graph, device: str | None, processes: int | None, tell: Tell | None = None) -> FoundBatch:
    """The batch size by trial on this machine; where several processes share the training, that of each of them.

    `device` and `processes` are those of a call, None where the project's own count. `tell` hears of each size tried.
    Raises RunError.
    """
    from runtime.batch_size import find_batch  # brings torch, which a refused call need not wait for
    from runtime.device import pick_device

    analysis = analyse(graph)
    source = lead_of(analysis)
    images = getattr(analysis.facts[source].type, "images", 0)
    shared = processes or len(gpus_of(device or "")) or graph.training.processes
    cases = int(images * graph.training.parts[0]) // shared
    place = pick_device(device or graph.training.device)
    return find_batch(analysis, source, place, cases, *([tell] if tell else []))
