"""Commands about training: check and train."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.amounts import THIN, memory, short
from runtime.analysis import Analysis, analyse
from runtime.attach import reattach
from runtime.batch_search import found_batch
from runtime.case_noun import case_noun
from runtime.changed_files import changed_sentence
from runtime.cli.data import AsJson
from runtime.cli.device_options import DeviceOption, Processes, refuse_missing_devices
from runtime.cli.division import (
    Fold,
    FoldCount,
    HeldOut,
    MostMemory,
    Parts,
    Split,
    SplitColumn,
    division,
    use_memory,
)
from runtime.cli.output import FAILED, PROBLEMS, WRONG_CALL, Out, Refused, of_the_input, told
from runtime.cli.repeat import Repeat, repeated
from runtime.cli.steps import (
    AUTO,
    Accumulate,
    BatchSize,
    Clip,
    Compile,
    Ema,
    LoadedFrozen,
    LoadedRate,
    Minutes,
    Patience,
    PrecisionOption,
    Samples,
    Watch,
    WeightsBy,
    WeightsFrom,
)
from runtime.cli.teller import Teller
from runtime.data.wording import counted
from runtime.data_places import data_places
from runtime.errors import NAMED, RunError
from runtime.events import Failed, Finished
from runtime.files import ProjectError, load_graph
from runtime.fixes import fixes_for
from runtime.graph import Graph
from runtime.job import Job, make_job
from runtime.memory import forecast
from runtime.problems import Problem
from runtime.readiness import training_problems
from runtime.repeating import create_repeat
from runtime.runs import create_run, default_run_folder
from runtime.together import train_together

Project = Annotated[Path, typer.Argument(help="A project file.", readable=False)]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data", metavar="FOLDER or NAME=FOLDER",
        help="Another folder instead of the project's own, for this call; where several nodes read data, once for each "
        "with the node's name.",
    ),
]  # fmt: skip
NewRun = Annotated[
    Path | None, typer.Option(help="The run folder to write; without it, one beside the project.", readable=False)
]
_AS_GIVEN = (
    "accumulate", "clip", "ema", "sampling", "precision", "minutes", "processes", "watch", "weights_by", "loaded_rate",
    "loaded_frozen",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(check)
    app.command()(train)


def check(file: Project, as_json: AsJson = False) -> None:
    """List every problem; ends with 0 when the project can train, 1 when not."""
    out = Out(as_json)
    try:
        loaded = load_graph(file)
    except ProjectError as error:
        typer.echo(str(error), err=True)
        sizes = {"parameters": 0, "multiply_adds": 0, "memory_bytes": 0}
        out.result({"ok": False, **sizes, "problems": [_record(_whole(str(error)))], "nodes": []})
        raise typer.Exit(PROBLEMS) from error
    analysis = analyse(loaded.graph)
    problems = (*analysis.problems, *training_problems(analysis), *_job_problems(loaded.graph))
    ready = not any(problem.severity == "error" for problem in problems)
    out.warn(*loaded.notes)
    out.say(*told(problems, analysis))
    batch = loaded.graph.training.batch
    needs = forecast(analysis, batch).total
    size = f"{counted(analysis.parameters, 'parameter')} in {counted(len(analysis.order), 'node')}."
    out.say(f"{size} {_effort(analysis, needs, batch)}", "It can train." if ready else "It cannot train yet.")
    out.result(
        {
            "ok": ready,
            "parameters": analysis.parameters,
            "multiply_adds": analysis.multiply_adds,
            "memory_bytes": needs,
            "problems": [_record(problem, analysis if as_json else None) for problem in problems],
            "nodes": [_node_record(analysis, node_id) for node_id in analysis.graph.nodes],
        }
    )
    raise typer.Exit(0 if ready else PROBLEMS)


def _effort(analysis: Analysis, needs: int, batch: int) -> str:
    """What a training asks of the machine, in words."""
    effort = f"{short(analysis.multiply_adds)} multiply-adds per {case_noun(analysis)}"
    asks = f"{effort}, about {memory(needs)} of memory at batch {batch}."
    return asks.replace(THIN, " ")


def _job_problems(graph: Graph) -> list[Problem]:
    """What of the training settings no run could be made with."""
    try:
        make_job(graph, Path("run"))
    except RunError as error:
        return [_whole(str(error))]
    return []


def _whole(message: str) -> Problem:
    return Problem("", "", "error", message)


def _record(problem: Problem, analysis: Analysis | None = None) -> dict[str, Any]:
    fixes = [fix.label for fix in fixes_for(problem, analysis)] if analysis is not None else []
    return {
        "node": problem.node, "field": problem.field, "severity": problem.severity, "message": problem.message,
        "fixes": fixes,
    }  # fmt: skip


def _node_record(analysis: Analysis, node_id: str) -> dict[str, Any]:
    kind, facts = analysis.graph.nodes[node_id].type, analysis.facts.get(node_id)
    return {"id": node_id, "type": kind, "name": analysis.title(node_id), "shape": list((facts and facts.shape) or ())}


def train(
    file: Annotated[Path | None, typer.Argument(help="A project file.", readable=False)] = None,
    data: Data = None,
    run: NewRun = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="How often all images are seen.")] = None,
    batch: BatchSize = None,
    device: DeviceOption = None,
    processes: Processes = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same parts and weights.")] = None,
    split: Split = None,
    parts: Parts = None,
    split_column: SplitColumn = None,
    held_out: HeldOut = None,
    folds: FoldCount = None,
    fold: Fold = None,
    memory: MostMemory = "",
    accumulate: Accumulate = None,
    clip: Clip = None,
    ema: Ema = None,
    sampling: Samples = None,
    precision: PrecisionOption = None,
    compiled: Compile = None,
    minutes: Minutes = None,
    patience: Patience = None,
    watch: Watch = None,
    weights: WeightsFrom = None,
    weights_by: WeightsBy = None,
    loaded_rate: LoadedRate = None,
    loaded_frozen: LoadedFrozen = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --run.")] = False,
    repeat: Repeat = None,
    events: Annotated[
        bool, typer.Option("--events", help="Print the event lines on stdout (with --json on stderr).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a project. The last line on stdout is the record of the run, as JSON.

    What is not named here is as the project says. The run folder holds all that is needed to understand and repeat it.
    """
    given = {**locals()}
    use_memory(memory)
    out = Out(as_json=True)  # stdout carries the events and the last line alone
    job = _new_job(file, run, given, out) if repeat is None else repeated(repeat, run, data, given)
    record = train_job(job, out, events=events, events_on_stderr=as_json, earlier=repeat)
    typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def _new_job(file: Path | None, run: Path | None, given: Mapping[str, Any], out: Out) -> Job:
    """The job of a project, with what the call says instead of it. Raises Refused where it cannot be trained so."""
    if file is None:
        raise Refused("Name a project file to train, or a run to train again with --repeat.", code=WRONG_CALL)
    if given["resume"] and run is None:
        raise Refused("--resume goes on with a run; name its folder with --run.", code=WRONG_CALL)
    loaded = load_graph(file)
    out.warn(*loaded.notes)
    graph = _with_data(loaded.graph, given["data"]) if given["data"] else loaded.graph
    _refuse_unsound(graph)
    folder = Path(os.path.abspath(run)) if run is not None else default_run_folder(file)
    batch, weights = given["batch"], given["weights"]
    if batch == AUTO:
        batch = None if given["resume"] else _found_batch(graph, given["device"], given["processes"], out)
    more = {
        **division(*(given[name] for name in ("parts", "split_column", "held_out", "folds", "fold"))),
        **{name: given[name] for name in _AS_GIVEN},
        "compile": given["compiled"],
        "weights_from": None if weights is None else str(weights.absolute()),
    }
    own = {name: given[name] for name in ("epochs", "device", "seed", "split", "patience", "resume")}
    with of_the_input():
        job = make_job(graph, folder, batch=batch, more=more, **own)
    _refuse_unsound(job.graph)
    return job


def _refuse_unsound(graph: Graph) -> None:
    """Raise Refused, with all problems, for a graph that cannot be trained as its settings say."""
    analysis = analyse(graph)
    problems = (*analysis.problems, *training_problems(analysis, as_attached=False))
    if any(problem.severity == "error" for problem in problems):
        raise Refused(*told(problems, analysis))


def _found_batch(graph: Graph, device: str | None, processes: int | None, out: Out) -> int:
    with of_the_input():
        found = found_batch(graph, device, processes)
    out.say(found.words())
    return found.batch


def _with_data(graph: Graph, data: Sequence[str]) -> Graph:
    """The graph with other folders. Raises Refused when labels are of another kind than the project learns."""
    with of_the_input():
        places = data_places(graph, data)
    moved = reattach(graph, places)
    for source, folder in places.items():
        learns, offers = (str(one.nodes[source].settings.get("label", "")) for one in (graph, moved))
        if learns and learns != offers:
            what = f"a {offers} for each image" if offers else "no labels"
            raise Refused(
                f"{folder} has {what}, but the project learns from a {learns} for each; choose a folder with such "
                "labels."
            )
    return moved


def train_job(
    job: Job, out: Out, events: bool = False, events_on_stderr: bool = False, earlier: Path | None = None
) -> dict[str, Any]:
    """Train as this process; gives the record of the run. Raises Refused when the run failed.

    `earlier` is the folder of the run that this one repeats.
    """
    with of_the_input():
        refuse_missing_devices(job.training)
        run = create_run(job) if earlier is None else create_repeat(job, earlier)
    teller = Teller(out, events, events_on_stderr)
    if job.training.processes > 1:
        status = train_together(job, teller.hear)
    else:
        from runtime.worker import run_worker  # brings torch, which a refused call need not wait for

        status = run_worker(job, teller.hear)
    last = teller.last
    if isinstance(last, Failed):
        details = [f"Details: {run.folder / 'log.txt'}"] if status == FAILED else []
        if last.code in NAMED and not out.ends_in(run.folder / "log.txt"):
            details.insert(0, changed_sentence(run.folder))
        raise Refused(last.message, *details, code=status or FAILED)
    if not isinstance(last, Finished):
        raise Refused("The training ended without a result.", code=status or FAILED)
    metrics = {name: value for name, value in last.metrics.items() if value is not None}
    return {"run": str(run.folder), "epochs": last.epochs, "best_epoch": last.best_epoch, "metrics": metrics}
