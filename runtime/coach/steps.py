"""Ways to change how the network is trained: the size of the steps, how long, what holds them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nodes.optimizers import DecayingOptimizer
from nodes.roles import Optimizer
from runtime.analysis import Analysis
from runtime.remedies.remedy import Fix, named
from runtime.surgery import Set, TrainWith

TENTH, TENFOLD = 0.1, 10.0
DECAY = 1e-4  # the usual first weight decay; from there it is raised tenfold
CLIP = 1.0  # the usual length to which gradients are cut
PATIENCE = 5  # epochs without improvement; enough to outlast chance, few enough to save time


def lower_rate(analysis: Analysis) -> Iterator[Fix]:
    """A tenth of the learning rate (rates matter by orders of magnitude), and no more than the usual one."""
    yield from _rate(analysis, "Lower", lambda rate, usual: min(rate * TENTH, usual))


def raise_rate(analysis: Analysis) -> Iterator[Fix]:
    """Ten times the learning rate, and no less than a tenth of the usual one."""
    yield from _rate(analysis, "Raise", lambda rate, usual: max(rate * TENFOLD, usual * TENTH))


def falling_rate(analysis: Analysis) -> Iterator[Fix]:
    """A rate that is lowered whenever validation no longer improves; a schedule that was chosen stays."""
    steady = (node for node, kind in _optimizers(analysis) if kind.schedule == "constant")
    edits = tuple(Set(node, "schedule", "plateau") for node in steady)
    if edits:
        yield Fix("Lower the learning rate by itself when validation rests (schedule “plateau”)", edits)


def weight_decay(analysis: Analysis) -> Iterator[Fix]:
    """Weight decay, or ten times as much where there is some."""
    for node, kind in _optimizers(analysis):
        if isinstance(kind, DecayingOptimizer):
            decay = _short(kind.weight_decay * TENFOLD) or DECAY
            label = f"Set the weight decay of {named(analysis, node)} to {decay:g}"
            yield Fix(label, (Set(node, "weight_decay", decay),))


def less_decay(analysis: Analysis) -> Iterator[Fix]:
    """No weight decay."""
    for node, kind in _optimizers(analysis):
        if isinstance(kind, DecayingOptimizer) and kind.weight_decay > 0:
            yield Fix(f"Set the weight decay of {named(analysis, node)} to 0", (Set(node, "weight_decay", 0.0),))


def clip(analysis: Analysis) -> Iterator[Fix]:
    """No step larger than gradients of length 1 would make it: a single wild batch cannot throw the weights far."""
    if not analysis.graph.training.clip:
        yield Fix(f"Clip the gradients to length {CLIP:g}", (TrainWith("clip", CLIP),))


def stop_early(analysis: Analysis) -> Iterator[Fix]:
    """End by itself when the best epoch lies some epochs back."""
    if not analysis.graph.training.patience:
        label = f"Stop after {PATIENCE} epochs without improvement"
        yield Fix(label, (TrainWith("patience", PATIENCE),))


def longer(analysis: Analysis) -> Iterator[Fix]:
    """Twice as many epochs."""
    epochs = 2 * analysis.graph.training.epochs
    yield Fix(f"Train for {epochs} epochs", (TrainWith("epochs", epochs),))


def _rate(analysis: Analysis, word: str, change: Callable[[float, float], float]) -> Iterator[Fix]:
    found = [(node, _short(change(kind.rate, _usual(kind)))) for node, kind in _optimizers(analysis)]
    if found:
        told = " and ".join(f"of {named(analysis, node)} to {rate:g}" for node, rate in found)
        yield Fix(f"{word} the learning rate {told}", tuple(Set(node, "rate", rate) for node, rate in found))


def _usual(kind: Optimizer) -> float:
    """The rate that a new optimizer of this type has."""
    return float(next(setting.default for setting in type(kind).settings() if setting.name == "rate"))


def _optimizers(analysis: Analysis) -> list[tuple[str, Optimizer]]:
    return [(node, facts.type) for node, facts in analysis.facts.items() if isinstance(facts.type, Optimizer)]


def _short(value: float) -> float:
    return float(f"{value:.3g}")
