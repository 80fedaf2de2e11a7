"""Which of a network's answers is shown case by case, and on which picture it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from nodes.roles import Loss, Output, Task
from nodes.spec import Target
from runtime.data.units import unit_shown
from runtime.judges import Judge
from runtime.learner import Learner
from runtime.modules.fit import Fit
from runtime.plan import FittedSize, Place, fits_of
from runtime.taking import taken_in

_LABELLED: tuple[Task, ...] = ("classification", "several labels", "regression", "segmentation", "detection")


@dataclass(frozen=True)
class Shown:
    """A loss whose prediction and target are shown. `fits` bring the source's images to the geometry of both."""

    judge: Judge
    source: str  # whose image is the picture: that of the label, else the leading one
    task: Task
    classes: tuple[str, ...]
    squeezes: bool  # an answer is the sigmoid of the prediction
    unit: str  # of numbers
    middle: bool  # the channels of an image are neighbouring slices, of which the middle one is meant
    fits: tuple[FittedSize, ...]

    def fitted(self, image: Tensor) -> Tensor:
        """The image (C, *size) of a case as the answer lies on it."""
        for fit in self.fits:
            image = Fit(fit.size, fit.rule)(image[None])[0]
        return image


def shown_by(learner: Learner) -> Shown | None:
    """What is judged by labels of the data before pictures to be rebuilt, what an Output returns before all others;
    None where nothing can be shown: scores without labels. Of boxes, those are shown that an Output returns."""
    graph, facts = learner.analysis.graph, learner.analysis.facts
    returned = {
        (wire.source, wire.output) for node in learner.analysis.of_type(Output) for wire in graph.wires_into(node)
    }
    fitting = [judge for judge in learner.losses if _task(learner, judge) is not None]
    if not fitting:
        return None
    judge = min(fitting, key=lambda one: (one.prediction not in returned, not one.is_label))
    kind, inputs, task = facts[judge.node].type, facts[judge.node].inputs, _task(learner, judge)
    target = inputs["target"]
    if not isinstance(kind, Loss) or task is None or not isinstance(target, Target):
        return None
    lies = facts[judge.prediction[0]].outputs[judge.prediction[1]].geometry
    source = judge.target[0] if judge.is_label else learner.source
    placed = task in ("segmentation", "image", "detection")
    fits = fits_of(learner.analysis, source, lies.get(source) or ())[1:] if placed else ()
    if task == "detection":
        judge = replace(judge, prediction=_answered(learner) or judge.prediction)
    middle = taken_in(facts[source].type).take == "neighbouring slices"
    squeezes = kind.activation(**inputs) == "sigmoid"
    unit = unit_shown(facts[source].type) if task == "regression" else ""
    return Shown(judge, source, task, target.classes, squeezes, unit, middle, fits)


def _answered(learner: Learner) -> Place | None:
    """Where the boxes arise that an Output returns: behind what picks them from those that losses judge."""
    for node_id, meaning in learner.analysis.meanings.items():
        if meaning.task == "detection":
            wire = learner.analysis.graph.wires_into(node_id)[0]
            return wire.source, wire.output
    return None


def _task(learner: Learner, judge: Judge) -> Task | None:
    """What is learned by a loss, if it can be shown."""
    facts = learner.analysis.facts[judge.node]
    if not isinstance(facts.type, Loss):
        return None
    task, prediction = facts.type.task(**facts.inputs), facts.inputs["prediction"]
    if judge.is_label:
        return task if task in _LABELLED else None
    picture = isinstance(prediction, tuple) and len(prediction) in (3, 4)
    return task if task == "image" and picture else None
