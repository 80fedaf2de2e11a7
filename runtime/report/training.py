"""The section on training: every setting, the optimizers and losses, how it went on, and which epoch was kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nodes.roles import Loss, Optimizer
from nodes.spec import NodeType
from runtime.report.gathering import Gathered
from runtime.report.section import Section
from runtime.report.words import label
from runtime.run_facts import curves_of

_OF_THE_SPLIT = {"split", "parts", "split_column", "held_out", "folds", "fold"}
_OF_THE_MACHINE = {"device", "search", "weights_from"}


def training_section(found: Gathered) -> Section:
    """How the network was trained."""
    facts, training = found.facts, found.run.job.training
    settings = {
        label(name): value for name, value in asdict(training).items() if name not in _OF_THE_SPLIT | _OF_THE_MACHINE
    }
    section = {
        "status": facts.status,
        "epochs_done": facts.epochs,
        "epochs_planned": facts.planned,
        "best_epoch": facts.best_epoch,
        "best_by": found.best.get("watched", "validation_loss"),
        "seconds": round(facts.seconds, 1),
        "device": facts.device,
        "gpu": found.environment.get("gpu"),
        "settings": settings,
        "optimizers": _nodes(found, Optimizer),
        "losses": _nodes(found, Loss),
        "augmentation": _augmentation(found),
        "curves": {name: [[epoch, value] for epoch, value in points] for name, points in curves_of(found.run).items()},
    }
    return Section("training", "Training", section)


def _nodes(found: Gathered, base: type[NodeType]) -> list[dict[str, Any]]:
    return [_described(found, node_id) for node_id in found.analysis.of_type(base)]


def _augmentation(found: Gathered) -> list[dict[str, Any]]:
    return [
        _described(found, node_id)
        for node_id in found.analysis.order
        if getattr(found.analysis.facts[node_id].type, "training_only", False)
    ]


def _described(found: Gathered, node_id: str) -> dict[str, Any]:
    """A node with those of its settings that are not as they usually are, and with the ones it shows in the drawing."""
    kind = found.analysis.facts[node_id].type
    if kind is None:
        return {"name": node_id, "type": "", "settings": {}}
    settings = {}
    for setting in kind.settings():
        value = getattr(kind, setting.name)
        if not setting.learned and (setting.brief or value != setting.default):
            settings[setting.label] = [*value] if isinstance(value, tuple) else value
    return {"name": found.analysis.title(node_id), "type": kind.title, "settings": settings}
