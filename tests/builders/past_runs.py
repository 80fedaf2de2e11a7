"""Run folders as finished trainings leave them, without the training: for tables of many runs."""

import json
import math
from dataclasses import replace
from pathlib import Path

from runtime.events import Batch, Epoch, Event, Finished, Started, line
from runtime.graph import Graph
from runtime.runs import Run
from tests.builders.pictures import new_run


def course(reached: float, epochs: int = 12) -> list[Event]:
    """The events of a run whose accuracy approaches `reached`."""
    events: list[Event] = [Started(epochs, 5, "cpu", 1000, {"train": 24, "validation": 6, "test": 6}, "by image")]
    best = 0.0
    for epoch in range(1, epochs + 1):
        accuracy = reached * (1 - math.exp(-epoch / 3)) + 0.01 * math.sin(epoch * reached * 9)
        metrics = {"train_loss": 1 - accuracy, "validation_loss": 1.1 - accuracy, "train_accuracy": accuracy + 0.02,
                   "validation_accuracy": accuracy}  # fmt: skip
        events += [Batch(epoch, batch, 5, 0.5) for batch in range(1, 6)]
        events.append(Epoch(epoch, metrics, 1.5, best=accuracy > best))
        best = max(best, accuracy)
    last = max((event for event in events if isinstance(event, Epoch) and event.best), key=lambda event: event.epoch)
    return [*events, Finished(epochs, last.epoch, last.metrics)]


def past_run(graph: Graph, folder: Path, reached: float, epochs: int = 12, **training: object) -> Run:
    """A run that has finished."""
    run = new_run(replace(graph, training=replace(graph.training, epochs=epochs, **training)), folder)
    (folder / "worker.json").write_text(json.dumps({"pid": 1, "started": "x", "events_before": 0}), encoding="utf-8")
    lines = [line(event, 2.0 * place) for place, event in enumerate(course(reached, epochs))]
    run.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "checkpoints" / "best.safetensors").write_bytes(b"0" * 20_000)
    return run
