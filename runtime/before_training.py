"""What is settled before a training begins: whether the graph can be trained, and what tells its best epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runtime.amounts import THIN
from runtime.amounts import memory as amount
from runtime.analysis import Analysis, analyse
from runtime.attach import labelling_sources
from runtime.data.catalogue import PARTS, DataSet, Parts
from runtime.data.label_paths import listed
from runtime.data.matched import Matched
from runtime.data.split_copies import copies_across_parts
from runtime.data.warnings_data import sentences
from runtime.data.warnings_pixels import pixel_warnings
from runtime.data.wording import counted
from runtime.errors import GraphError, RunError
from runtime.job import Job
from runtime.learner import Learner
from runtime.material import Material, skipped_warnings
from runtime.memory import FORECAST_ERROR, forecast, kept_values
from runtime.problems import Problem, quoted_list
from runtime.readiness import training_problems


def sound(job: Job) -> Analysis:
    """The analysis of the job's graph. Raises GraphError with all that keeps it from being trained."""
    analysis = analyse(job.graph)
    problems = [*analysis.errors]
    problems += (one for one in training_problems(analysis, as_attached=False) if one.severity == "error")
    if problems:
        raise GraphError(problems)
    return analysis


def refuse_hopeless(analysis: Analysis, cases: Matched, parts: Parts, batch: int, memory: int) -> None:
    """Raise GraphError for a training that could not learn a class, or whose step this much memory could not hold.

    `batch` images make a step, `memory` is all that the device has, in bytes.
    """
    learned = labelling_sources(analysis.graph)
    for source, dataset in cases.of.items():
        if source in learned or len(cases.of) == 1:
            _refuse_unlearnable(dataset, parts.in_source(source).train, source)
    _refuse_too_large(analysis, min(batch, len(parts.train)), memory)


def _refuse_too_large(analysis: Analysis, batch: int, memory: int) -> None:
    """Raise GraphError, with the node that needs most, for a training step that this much memory could never hold.

    `memory` is all that the device has, in bytes; 0 where it is not known. The forecast may be too high by its known
    error, so only what is beyond that is refused; a step that is refused is never begun.
    """
    allowed = int(memory * FORECAST_ERROR)
    needs = forecast(analysis, batch)
    if not memory or needs.total <= allowed:
        return
    one = forecast(analysis, 1)
    fits = (allowed - one.parameters) // max(one.activations_per_image, 1)
    worst = _neediest(analysis, batch)
    way = f"use a batch of {fits} at most, or smaller images" if fits > 0 else "make it smaller, or the images"
    raise GraphError([
        Problem(
            worst, "", "error",
            f"A training step on a batch of {batch} needs about {_spoken(needs.total)} of memory, and there are "
            f"{_spoken(memory)}; “{analysis.title(worst)}” needs the most. Before it is trained, {way}.",
        )
    ])  # fmt: skip


def _neediest(analysis: Analysis, batch: int) -> str:
    """The node that takes the most memory in a step, by what it keeps and what of it is trained."""
    kept = kept_values(analysis)
    return max(analysis.order, key=lambda one: batch * kept.get(one, 0) + 3 * analysis.facts[one].parameters)


def _refuse_unlearnable(dataset: DataSet, train: Sequence[int], source: str) -> None:
    """Raise GraphError for a class of which no case is in the training part: it could never be answered.

    One that validation or test have not is only told of (`Parts.warnings`): the network learns it all the same.
    """
    if dataset.label != "class":
        return
    learned = {dataset.samples[index].label for index in train}
    lacking = [name for name in dataset.classes if name not in learned]
    if lacking:
        names = " and ".join(f"“{name}”" for name in lacking)
        raise GraphError([
            Problem(
                source, "labels", "error",
                f"No case of {names} is in the training part, so the network cannot learn it. Add cases, leave the "
                "class out, or share the cases out otherwise (named parts, another seed, column or fold).",
            )
        ])  # fmt: skip


def told_of_data(analysis: Analysis, cases: Matched, parts: Parts) -> Iterator[tuple[str, str]]:
    """What is to be known of the data before they are decoded, with the source that it is said of."""
    for source, dataset in cases.of.items():
        told = [*changed_files(analysis, source, dataset), *dataset.warnings, *sentences(dataset.findings)]
        if source == cases.lead:
            told += parts.warnings
        elif source in cases.apart:
            told += [*parts.apart[source].warnings, _drawn(analysis, cases, parts, source)]
        else:
            told += copies_across_parts(dataset, {index: part for part in PARTS for index in parts.of(part)})
        for text in (*told, *cases.told.get(source, ()), *_without_partner(analysis, cases, source)):
            yield source, text


def _drawn(analysis: Analysis, cases: Matched, parts: Parts, source: str) -> str:
    """How many cases an epoch draws of a source that is drawn independently."""
    seen, pool = len(parts.train), len(parts.apart[source].train)
    often = f"each {seen // pool} times at least" if seen >= 2 * pool else "each once at least"
    how = f"{often}, for there are {pool}" if seen >= pool else f"out of {pool}, so not all are seen in each"
    return (
        f"An epoch walks over {counted(seen, 'training case')} of “{analysis.title(cases.lead)}” and draws as many of "
        f"“{analysis.title(source)}”, {how}."
    )


def _without_partner(analysis: Analysis, cases: Matched, source: str) -> Iterator[str]:
    """How many cases of a source have no partner in the others, and which."""
    left = cases.left(source)
    if left:
        name, others = analysis.title(source), quoted_list([analysis.title(one) for one in cases.of if one != source])
        yield (
            f"{counted(len(left), 'case')} of “{name}” without a partner in {others} cannot be used: {listed(left)}. "
            "`netloom match` lists each."
        )


def told_of_pixels(material: Material, parts: Parts) -> Iterator[tuple[str, str]]:
    """What the pixels tell when they are decoded, with the source that it is said of."""
    for one in material.all():
        if one.dataset.kind == "table":
            continue
        own = parts.in_source(one.source)
        seen = sentences(pixel_warnings(one.dataset, one.cached.images, own, one.cached.usable))
        for text in (*skipped_warnings(one.dataset, one.cached), *seen):
            yield one.source, text


def changed_files(analysis: Analysis, source: str, dataset: DataSet) -> tuple[str, ...]:
    """That the files are not those that the project knows."""
    if getattr(analysis.facts[source].type, "fingerprint", "") in ("", dataset.fingerprint):
        return ()
    name = analysis.graph.nodes[source].name
    return (f"The files in the folder of “{name}” changed since it was attached; those that are there now are used.",)


def watched(wanted: str, learner: Learner) -> tuple[str, bool]:
    """The name of the metric that tells the best epoch, and whether more is better. Raises RunError for another."""
    name = wanted.removeprefix("validation_")
    if name in ("", "loss"):
        return "validation_loss", False
    titles = {judge.node: learner.analysis.graph.nodes[judge.node].name for judge in learner.metrics}
    for judge in learner.metrics:
        if name in (judge.name, judge.node, titles[judge.node]):
            return f"validation_{judge.name}", judge.higher_is_better
    names = ", ".join(["loss", *(judge.name for judge in learner.metrics)])
    raise RunError(f"The best epoch is to be told by “{wanted}”, which is not measured; one of {names} fits.")


def _spoken(count: int) -> str:
    return amount(count).replace(THIN, " ")
