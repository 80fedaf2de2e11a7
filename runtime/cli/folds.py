"""The command of cross-validation: k folds, or leaving out one site after the other."""

from __future__ import annotations

import os
import subprocess
import sys
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
from runtime.evaluation.folds import FEWEST_FOLDS, Fold, Folds, check_division, job_of, planned_folds, pool
from runtime.evaluation.record import Evaluation
from runtime.files import load_graph
from runtime.graph import Graph
from runtime.readiness import training_problems
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
    """Enter the command of this file."""
    app.command()(folds)


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
    records = [_done(talk, plan, fold, loaded.graph, more) for fold in plan.runs]
    record = pool(plan, records, cases).as_dict()
    tell_evaluation(talk, record)
    talk.result({"folder": str(plan.folder), **record})


def _refuse_unsound(graph: Graph) -> None:
    analysis = analyse(graph)
    problems = (*analysis.problems, *training_problems(analysis))
    if any(problem.severity == "error" for problem in problems):
        raise Refused(*told(problems, analysis), code=PROBLEMS)


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


def _done(talk: Out, plan: Folds, fold: Fold, graph: Graph, more: dict[str, Any]) -> Evaluation:
    """Train a run of the queue unless it is done, and measure its test cases. Raises Refused when it fails."""
    from runtime.evaluation.evaluate import evaluate

    run = Run(plan.folder / fold.name)
    talk.say(f"{fold.name} of {len(plan.runs)}: {run.folder}")
    if not run.folder.exists():
        with of_the_input():
            create_run(job_of(plan, fold, graph, more))
    if run.status != "finished":
        _train(run)
    evaluate(run, "validation")
    return evaluate(run, "test", by=plan.groups, salt=plan.salt)


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
