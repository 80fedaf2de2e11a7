"""What is settled before a training begins: whether the graph can be trained, and what tells its best epoch."""

from __future__ import annotations

from runtime.analysis import Analysis, analyse
from runtime.data.catalogue import DataSet
from runtime.data.warnings_data import sentences
from runtime.errors import GraphError, RunError
from runtime.job import Job
from runtime.learner import Learner
from runtime.readiness import training_problems


def sound(job: Job) -> Analysis:
    """The analysis of the job's graph. Raises GraphError with all that keeps it from being trained."""
    analysis = analyse(job.graph)
    problems = [*analysis.errors]
    problems += (one for one in training_problems(analysis, as_attached=False) if one.severity == "error")
    if problems:
        raise GraphError(problems)
    return analysis


def told_of_data(dataset: DataSet) -> tuple[str, ...]:
    """What is to be known of the data before they are divided."""
    return (*dataset.warnings, *sentences(dataset.findings))


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
