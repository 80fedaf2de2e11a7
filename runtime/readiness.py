"""What keeps a graph that computes from being trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nodes.roles import DataSource, Loss, Metric, Optimizer, Output, Source
from nodes.spec import NodeType
from runtime.analysis import Analysis
from runtime.attach import labelling_sources, sources_in_use
from runtime.augmented_apart import augmented_apart
from runtime.data.split_words import too_few, too_few_for_folds
from runtime.leading import lead_of, leads_apart
from runtime.names import identifiers, measure_name
from runtime.optimized import optimizer_problems
from runtime.problems import Problem, quoted_list


def training_problems(analysis: Analysis, as_attached: bool = True) -> tuple[Problem, ...]:
    """What training needs beyond a graph without errors: data with labels, a loss, an optimizer, an output.

    Whether there are patients enough to be shared out follows from what was learned when the folder was attached. With
    `as_attached` False that is not asked: training reads the folder itself and finds out what holds now.
    """
    parts = _of_split(analysis) if as_attached else ()
    ends = (*_of_ends(analysis), *_of_optimizers(analysis), *_of_watch(analysis), *_of_sampling(analysis))
    return (*_of_sources(analysis), *parts, *_of_inputs(analysis), *augmented_apart(analysis), *ends)


def _error(node: str, field: str, message: str, code: str = "") -> Problem:
    return Problem(node, field, "error", message, code)


def _ids(analysis: Analysis, base: type[NodeType]) -> list[str]:
    """Nodes of this type, also those that a loop keeps out of the order."""
    return [node_id for node_id, facts in analysis.facts.items() if isinstance(facts.type, base)]


def _of_sources(analysis: Analysis) -> Iterator[Problem]:
    sources = sources_in_use(analysis.graph)
    if not sources:
        yield _error("", "", "There is no data to train on: add an image source and attach a folder to it.", "no_data")
    elif leads_apart(analysis):
        lead = lead_of(analysis)
        name, others = analysis.title(lead), quoted_list([analysis.title(one) for one in sources if one != lead])
        yield _error(
            lead, "matching", f"An epoch walks over the cases of “{name}”, whose labels are learned or which is the "
            f"first, so they cannot be drawn independently; set its Matching to matched, and let those of {others} be "
            "drawn independently.", "leads_apart",
        )  # fmt: skip
    labelling = labelling_sources(analysis.graph) if len(sources) > 1 else sources
    for node_id in sources:
        yield from _of_data(analysis, node_id, needs_labels=node_id in labelling or not labelling)


def _of_data(analysis: Analysis, node_id: str, needs_labels: bool) -> Iterator[Problem]:
    name, kind = analysis.graph.nodes[node_id].name, analysis.facts[node_id].type
    folder = str(getattr(kind, "folder", ""))
    if not folder:
        yield _error(node_id, "folder", f"“{name}” has no folder; choose the folder that holds the images.")
        return
    if isinstance(kind, DataSource) and kind.tabular:
        if not Path(folder).is_file():
            yield _error(node_id, "folder", f"The table of “{name}” is not there: {folder}. Choose where it lies now.")
        yield from _of_gaps(analysis, node_id)
    elif not Path(folder).is_dir():
        yield _error(node_id, "folder", f"The folder of “{name}” is not there: {folder}. Choose where it lies now.")
    label, classes = str(getattr(kind, "label", "")), tuple(getattr(kind, "classes", ()))
    if not needs_labels or _needs_no_labels(analysis):
        return
    if not label:
        yield from _without_labels(analysis, node_id)
    elif label in ("labels", "boxes") and not classes:
        what = "labels" if label == "labels" else "boxes"
        yield _error(node_id, "labels", f"No case of “{name}” has any of its {what}: there is nothing to learn.")
    elif label in ("class", "mask") and len(classes) < 2:
        only = f"all of the class “{classes[0]}”" if classes else "without a class"
        what = "cases" if label == "class" else "pixels of the masks"
        yield _error(
            node_id, "labels", f"The {what} of “{name}” are {only}; to tell classes apart, two or more are needed."
        )  # fmt: skip


def _of_gaps(analysis: Analysis, node_id: str) -> Iterator[Problem]:
    """Numbers that are missing in a table, and that nothing fills."""
    kind, graph = analysis.facts[node_id].type, analysis.graph
    targets = [wire.target for wire in graph.wires if (wire.source, wire.output) == (node_id, "image")]
    unfilled = [graph.nodes[target].name for target in targets if graph.nodes[target].type != "standardise_columns"]
    if getattr(kind, "gaps", 0) and getattr(kind, "missing", "") == "mean" and unfilled:
        yield _error(
            node_id, "missing",
            f"Numbers are missing in “{graph.nodes[node_id].name}”, and “{unfilled[0]}” cannot take them: put "
            "Standardise columns between, or leave such cases out.",
        )  # fmt: skip


def _needs_no_labels(analysis: Analysis) -> bool:
    """Whether every loss compares with images or with numbers of the graph, as in an autoencoder or a GAN."""
    targets = [analysis.facts[loss].inputs.get("target") for loss in _ids(analysis, Loss)]
    return bool(targets) and all(getattr(target, "label", "") == "image" for target in targets)


def _without_labels(analysis: Analysis, node_id: str) -> Iterator[Problem]:
    name, kind = analysis.graph.nodes[node_id].name, analysis.facts[node_id].type
    choices = tuple(getattr(kind, "choices", ()))
    if choices:
        message = f"“{name}” has several folders of masks ({', '.join(choices)}); name one of them as its labels."
    elif getattr(kind, "labels", "") == "none":
        message = f"“{name}” uses no labels, as chosen; clear the choice (none) to have them found."
    else:
        message = (
            f"“{name}” has no labels: no class folders, no table and no masks that fit were found in its folder. Name "
            "a table (CSV) or a folder of masks as labels, or sort the images into one folder for each class."
        )
    yield _error(node_id, "labels", message)


def _of_split(analysis: Analysis) -> Iterator[Problem]:
    """Too few patients to be shared out to training and validation, as the split itself will say."""
    training = analysis.graph.training
    if training.split != "patient":
        return
    for node_id in sources_in_use(analysis.graph):
        kind = analysis.facts[node_id].type
        groups, classes = tuple(getattr(kind, "groups", ())), tuple(getattr(kind, "classes", ()))
        if not groups or not getattr(kind, "folder", ""):
            continue
        unit = "patient" if getattr(kind, "named_patients", 0) else "image"
        by_class = dict(zip(classes, groups, strict=False)) if getattr(kind, "label", "") == "class" else {}
        reasons = too_few(by_class, max(groups), unit)
        if training.folds:  # each class is in the folds that it has patients for: missing ones are warned of
            reasons = too_few_for_folds(training.folds, max(groups) if not by_class else sum(groups), unit)
        if reasons:
            again = "If the folder was changed since it was attached, attach it again."
            yield _error(node_id, "folder", " ".join((*reasons, again)))


def _of_watch(analysis: Analysis) -> Iterator[Problem]:
    """A metric that is to tell the best epoch, and is not there."""
    watch = analysis.graph.training.watch
    name = watch.removeprefix("validation_")
    if name in ("", "loss") or analysis.errors:
        return
    metrics = analysis.of_type(Metric)
    names = identifiers(analysis.graph)
    own = [measure_name(names[metric], metric) for metric in metrics]
    if name not in (*own, *metrics, *(analysis.graph.nodes[metric].name for metric in metrics)):
        fits = ", ".join(["loss", *own])
        yield _error(
            "", "", f"The best epoch is to be told by “{watch}”, which is not measured; one of {fits} fits.", "watch"
        )


def _of_sampling(analysis: Analysis) -> Iterator[Problem]:
    """Classes can only be drawn equally often where each case has one; a loss need not make up for them then."""
    if analysis.graph.training.sampling != "balanced":
        return
    for node_id in [lead_of(analysis)] if sources_in_use(analysis.graph) else []:
        name, kind = analysis.graph.nodes[node_id].name, analysis.facts[node_id].type
        label = str(getattr(kind, "label", ""))
        if label == "class":
            yield from _helped_twice(analysis)
        elif getattr(kind, "folder", ""):
            yield _error(
                "", "", "Each class is to be seen equally often (balanced sampling), but the cases of "
                f"“{name}” have {_LABELS.get(label, 'no labels')} and not one class each; let an epoch show all cases "
                "once.",
                "sampling",
            )  # fmt: skip


def _helped_twice(analysis: Analysis) -> Iterator[Problem]:
    for node_id in _ids(analysis, Loss):
        if getattr(analysis.facts[node_id].type, "class_weights", "") == "balanced":
            name = analysis.graph.nodes[node_id].name
            message = (
                f"Rare classes are helped twice: balanced sampling shows them as often as common ones, and “{name}” "
                "lets them count more besides; one of the two is enough."
            )
            yield Problem(node_id, "class_weights", "warning", message, "helped_twice")


def _of_inputs(analysis: Analysis) -> Iterator[Problem]:
    for node_id in _ids(analysis, Source):
        kind = analysis.facts[node_id].type
        used = any(wire.source == node_id for wire in analysis.graph.wires)
        if isinstance(kind, Source) and kind.feed == "given" and used:
            name = analysis.graph.nodes[node_id].name
            message = f"“{name}” has a shape but no data; put an image source with a folder in its place."
            yield _error(node_id, "", message, "no_images")


def _of_ends(analysis: Analysis) -> Iterator[Problem]:
    if not _ids(analysis, Loss):
        message = "There is no loss, so nothing says what a good answer is; add one after the prediction."
        yield _error("", "", message, "no_loss")
    if not _ids(analysis, Output):
        message = "There is no output node, so the trained model would give no answer; add Output."
        yield _error("", "", message, "no_output")
    leading = {wire.source for wire in analysis.graph.wires}
    for node_id in _ids(analysis, Loss):
        if node_id not in leading:
            name = analysis.graph.nodes[node_id].name
            message = f"“{name}” leads to no optimizer, so it trains nothing; draw a wire from it to the optimizer."
            yield Problem(node_id, "loss", "warning", message, "idle_loss")


def _of_optimizers(analysis: Analysis) -> Iterator[Problem]:
    optimizers = _ids(analysis, Optimizer)
    if not optimizers:
        message = "There is no optimizer, so nothing would be changed by training; add one after the loss."
        yield _error("", "", message, "no_optimizer")
    if analysis.errors:
        return  # what is upstream of an optimizer is only known when every node is sound
    yield from optimizer_problems(analysis)


_LABELS = {"labels": "several labels", "number": "a number", "mask": "a mask", "boxes": "boxes"}
"""What a case has, by the label of its source."""
