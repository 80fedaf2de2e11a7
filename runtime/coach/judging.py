"""Ways to change what the network is judged by, so that what is rare counts."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.class_weights import WeightedLoss
from nodes.losses import BinaryCrossEntropy, CrossEntropy
from nodes.roles import DataSource, Loss
from nodes.spec import Target
from runtime.analysis import Analysis
from runtime.remedies.remedy import Fix, named
from runtime.surgery import Retype, Set, TrainWith


def weigh_classes(analysis: Analysis) -> Iterator[Fix]:
    """Rare classes count as much as common ones, unless they are shown as often already."""
    if analysis.graph.training.sampling == "balanced":
        return
    for node, kind, target in _judged(analysis):
        if isinstance(kind, WeightedLoss) and kind.class_weights == "none":
            label = f"Let all classes count alike in {named(analysis, node)}"
            yield Fix(label, (Set(node, "class_weights", "balanced"),))
        elif isinstance(kind, BinaryCrossEntropy) and kind.positive_weight == 1 and len(target.counts) == 2:
            no, yes = target.counts
            weight = float(f"{no / yes:.3g}") if yes else 1.0
            if weight > 1:
                label = f"Let “{target.classes[1]}” count {weight:g} times in {named(analysis, node)}"
                yield Fix(label, (Set(node, "positive_weight", weight),))


def sample_evenly(analysis: Analysis) -> Iterator[Fix]:
    """Every class is shown equally often, where each case has one and no loss makes up for rare ones already."""
    sources = [facts.type for facts in analysis.facts.values() if isinstance(facts.type, DataSource)]
    by_class = [kind for kind in sources if getattr(kind, "label", "") == "class"]
    uneven = any(len(set(getattr(kind, "counts", ()))) > 1 for kind in by_class)
    helped = any(_favours_rare(kind) for _, kind, _ in _judged(analysis))
    if uneven and not helped and analysis.graph.training.sampling == "all":
        yield Fix("Show each class equally often (balanced sampling)", (TrainWith("sampling", "balanced"),))


def judge_overlap(analysis: Analysis) -> Iterator[Fix]:
    """A loss that cares for the overlap of masks, however small they are."""
    for node, kind, target in _judged(analysis):
        if target.label == "mask" and isinstance(kind, CrossEntropy | BinaryCrossEntropy):
            yield Fix(f"Make {named(analysis, node)} a Dice + cross-entropy", (Retype(node, "dice_cross_entropy"),))


def _favours_rare(kind: Loss) -> bool:
    """Whether a loss lets rare cases count more already."""
    if isinstance(kind, BinaryCrossEntropy):
        return kind.positive_weight != 1
    return isinstance(kind, WeightedLoss) and kind.class_weights != "none"


def _judged(analysis: Analysis) -> Iterator[tuple[str, Loss, Target]]:
    for node, facts in analysis.facts.items():
        target = facts.inputs.get("target")
        if isinstance(facts.type, Loss) and isinstance(target, Target) and target.label in ("class", "mask"):
            yield node, facts.type, target
