"""The command that searches for settings: search."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out, Refused, of_the_input
from runtime.cli.train import Project
from runtime.data.wording import counted
from runtime.files import load_graph
from runtime.graph import Graph
from runtime.ranges import Range
from runtime.search.folder import Search, begin_search
from runtime.search.space import parsed, readable, title_of


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(search)


def search(
    file: Project,
    trials: Annotated[int | None, typer.Option(min=1, help="Search until there are so many trials (20).")] = None,
    study: Annotated[
        Path | None,
        typer.Option(help="The folder of the search: one that is there is gone on with, by several workers at once."),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option("--range", help="NODE.SETTING=LOW..HIGH (log behind it for orders of magnitude) or =A,B,C."),
    ] = None,
    sampler: Annotated[Literal["tpe", "random"], typer.Option(help="How values are chosen.")] = "tpe",
    pruning: Annotated[bool, typer.Option(help="End trials that are worse than half of the others.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, with one worker, tries the same.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Epochs of each trial.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"] | None, typer.Option(help="Where to compute.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Only say how the search in --study stands.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Ask the workers of the search in --study to stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try settings within their ranges, each trial as a run of its own, and say which were best."""
    out = Out(as_json)
    if (show or stop) and study is None:
        raise Refused("Name the folder of the search with --study.")
    if study is not None and (study / "search.json").exists():
        found = Search(study)
        if ranges:
            raise Refused(f"The search in {study} keeps its ranges; leave --range out, or begin another search.")
    elif show or stop:
        raise Refused(f"There is no search in {study}.")
    else:
        graph = _graph(file, ranges or [], epochs, device)
        with of_the_input():
            found = begin_search(
                graph, file, study, sampler=sampler, pruning=pruning, seed=seed, trials=trials or 20
            )  # fmt: skip
    with of_the_input():
        if stop:
            found.ask_to_stop()
        elif not show:
            _work(found, trials, out)
        _say(found, out)


def _graph(file: Path, ranges: list[str], epochs: int | None, device: Any) -> Graph:
    graph = load_graph(file).graph
    try:
        given = tuple(parsed(text, graph) for text in ranges)
    except ValueError as error:
        raise Refused(str(error)) from error
    keys = {one.key for one in given}
    kept: tuple[Range, ...] = tuple(one for one in graph.training.search if one.key not in keys)
    training = replace(graph.training, search=(*kept, *given))
    training = training if epochs is None else replace(training, epochs=epochs)
    return replace(graph, training=training if device is None else replace(training, device=device))


def _work(found: Search, trials: int | None, out: Out) -> None:
    from runtime.search.worker import work

    if trials is not None and trials != found.plan.trials:
        found.extend(trials)
    found.go_on()
    out.say(f"Search in {found.folder}")
    work(found, lambda number, how: out.say(f"trial {number}: {how}"))


def _say(found: Search, out: Out) -> None:
    from runtime.search.study import state_of

    state, graph = state_of(found), found.graph
    out.say(f"{counted(len(state.trials), 'trial')} of {state.plan.trials}.")
    best = next((trial for trial in state.trials if trial.number == state.best), None)
    if best is not None and best.value is not None:
        out.say(f"Best: trial {best.number}, {state.plan.metric} {best.value:.4g}, in {best.run}")
        titles = {one.key: title_of(one, graph) for one in state.ranges}
        out.say(*(f"  {titles.get(key, key)}: {readable(value)}" for key, value in best.values.items()))
    out.result(json.loads(json.dumps({"search": str(found.folder), **asdict(state)}, default=str)))
