"""The command of cross-validation: k folds, or leaving out one site after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.device_options import DeviceOption
from runtime.cli.evaluation import tell_evaluation
from runtime.cli.output import FAILED, PROBLEMS, WRONG_CALL, Out, Refused, of_the_input, told
from runtime.cli.train import Project
from runtime.data.wording import counted
from runtime.evaluation.fold_columns import columns_to_leave_out
from runtime.evaluation.fold_queue import Asked, FoldQueue
from runtime.evaluation.folds import FEWEST_FOLDS, Fold, Folds, check_division, job_of, planned_folds, pool
from runtime.evaluation.record import Evaluation, load_record
from runtime.files import load_graph
from runtime.graph import Graph
from runtime.job import Job
from runtime.readiness import training_problems
from runtime.run_deletion import delete_run
from runtime.runs import Run, create_run

_PROGRAM = Path(__file__).resolve().parent.parent.parent

OutFolder = Annotated[Path, typer.Option("--out", help="A folder for the runs and what they give.", readable=False)]
Count = Annotated[int | None, typer.Option("--k", min=FEWEST_FOLDS, max=50, help="So many folds.")]
Column = Annotated[
    str | None,
    typer.Option("--by", help="Leave out one value after the other of a table's column or a DICOM element: site."),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Epochs of each run, instead of the project's.")]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file; people are not shown the one that the window asks."""
    app.command()(folds)
    app.command(name="fold-columns", hidden=True)(fold_columns)


def folds(
    file: Project,
    out: OutFolder,
    k: Count = None,
    by: Column = None,
    epochs: Epochs = None,
    device: DeviceOption = None,
    as_json: AsJson = False,
) -> None:
    """Train and test several times, so that each case is judged once by a network that has not seen it.

    The runs are ordinary runs, trained one after the other; what they answer for their test cases is pooled. Called
    again with the same folder it goes on where it stood.
    """
    if (k is None) == (by is None):
        raise Refused("Either --k, such as --k 5, or --by, such as --by site, has to be given.", code=WRONG_CALL)
    talk, loaded = Out(as_json), load_graph(file)
    _refuse_unsound(loaded.graph)
    plan, cases = _plan(talk, loaded.graph, out.absolute(), k or 0, by or "")
    more = {name: value for name, value in (("epochs", epochs), ("device", device)) if value is not None}
    queue = FoldQueue(plan.folder)
    with of_the_input():  # the window may show the folder, and go on with it
        queue.keep(_for_all(loaded.graph, epochs), Asked(k or 0, by or ""))
    with queue.work():
        records = [_done(talk, plan, fold, queue, _Job(loaded.graph, more)) for fold in plan.runs]
        record = pool(plan, records, cases).as_dict()
    tell_evaluation(talk, record)
    talk.result({"folder": str(plan.folder), **record})


def fold_columns(file: Project) -> None:
    """Tell which columns and elements may be left out value by value: a JSON line for each, as it is found."""
    from runtime.material import read_cases

    graph = load_graph(file).graph
    with of_the_input():
        for column, values in columns_to_leave_out(read_cases(analyse(graph)).cases):
            typer.echo(json.dumps({"column": column, "values": values}, ensure_ascii=False))


def _refuse_unsound(graph: Graph) -> None:
    analysis = analyse(graph)
    problems = (*analysis.problems, *training_problems(analysis))
    if any(problem.severity == "error" for problem in problems):
        raise Refused(*told(problems, analysis), code=PROBLEMS)


def _for_all(graph: Graph, epochs: int | None) -> Graph:
    """The graph as the runs train it."""
    return graph if epochs is None else replace(graph, training=replace(graph.training, epochs=epochs))


def _plan(talk: Out, graph: Graph, folder: Path, k: int, column: str) -> tuple[Folds, int]:
    """The plan, and how many cases there are."""
    from runtime.material import read_cases  # brings torch, which a wrong call need not wait for

    analysis = analyse(graph)
    with of_the_input():
        dataset = read_cases(analysis).cases
        plan = planned_folds(folder, dataset, k, column)
        judged = check_division(plan, dataset, graph)
    talk.say(f"{counted(len(plan.runs), 'run')}; {judged} of {counted(len(dataset.samples), 'case')} will be judged.")
    return plan, len(dataset.samples)


@dataclass(frozen=True, slots=True)
class _Job:
    """What every run of the queue trains: the graph, and further training settings."""

    graph: Graph
    more: Mapping[str, Any]


def _done(talk: Out, plan: Folds, fold: Fold, queue: FoldQueue, job: _Job) -> Evaluation:
    """Train a run of the queue unless it is done, and measure its test cases. Raises Refused when it fails."""
    from runtime.evaluation.evaluate import evaluate

    _refuse_to_go_on(queue)
    run = Run(plan.folder / fold.name)
    talk.say(f"{fold.name} of {len(plan.runs)}: {run.folder}")
    kept = load_record(run.folder, "test")
    if kept is not None and kept.salt == plan.salt:
        return kept
    if run.status != "finished":
        with of_the_input():
            _prepare(run, job_of(plan, fold, job.graph, job.more))
        _train(run)
        _refuse_to_go_on(queue)
    evaluate(run, "validation")
    return evaluate(run, "test", by=plan.groups, salt=plan.salt)


def _refuse_to_go_on(queue: FoldQueue) -> None:
    if queue.asked_to_stop:
        raise Refused(f"The folds in {queue.folder} were asked to stop; the same call goes on with them.", code=FAILED)


def _prepare(run: Run, job: Job) -> None:
    """Make the run folder; one that was cut off before its first checkpoint is made anew."""
    begun = (run.folder / "job.json").exists()
    if begun and not run.can_resume and run.status != "running":
        delete_run(run)
        begun = False
    (run.folder / "stop").unlink(missing_ok=True)
    if not begun:
        create_run(job)


def _train(run: Run) -> None:
    """Train a run as a process of its own, so that all of its memory is free again for the next."""
    words = [sys.executable, "-P", "-m", "runtime.cli", "train", str(run.folder / "project.netloom"), "--run",
             str(run.folder), *(["--resume"] if run.can_resume else [])]  # fmt: skip
    surroundings = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.call(words, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), cwd=_PROGRAM, env=surroundings)
    if run.status != "finished":
        why = run.reason or "it was stopped"
        again = "the same call goes on with it"
        raise Refused(f"{run.folder} did not train to its end ({why}); {again}.", code=ended or FAILED)
