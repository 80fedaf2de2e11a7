"""Searching for settings: ranges on a graph, trials as real runs, several workers, stopping and going on."""

import json
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from runtime.document import Document
from runtime.errors import RunError
from runtime.files import load_graph, save_graph
from runtime.graph import Graph, Node, Training
from runtime.ranges import Range
from runtime.runs import Run, find_runs
from runtime.search.folder import Search, begin_search, find_searches, judged_by
from runtime.search.space import faults, parsed, proposed, searchable, title_of, with_values
from runtime.search.study import state_of
from runtime.search.worker import is_told, work
from runtime.training_values import read_training
from tests.builders import graphs, pictures
from tests.runtime.command import answer, netloom, refused, words_of

RATE = Range("adam-1", "rate", low=1e-3, high=0.3, log=True)
FILTERS = Range("convolution-1", "filters", "whole number", 2, 6)


@pytest.fixture
def graph(tmp_path):
    facts = pictures.facts(pictures.class_folders(tmp_path / "data", 24))
    made = graphs.classifier(**facts)
    return replace(made, training=replace(made.training, epochs=2, device="cpu", split="image"))


def ranged(graph, *ranges):
    return replace(graph, training=replace(graph.training, search=ranges))


def test_that_ranges_are_part_of_the_project_file_and_can_be_undone(graph, tmp_path):
    document = Document(graph)
    with document.edit("Search"):
        document.train_with(replace(document.training, search=(RATE, FILTERS)))
    save_graph(document.graph(), tmp_path / "x.netloom")
    assert load_graph(tmp_path / "x.netloom").graph.training.search == (RATE, FILTERS)
    document.undo()
    assert document.training.search == ()
    assert read_training(json.loads(json.dumps(asdict(Training(search=(RATE,)))))).search == (RATE,)


@pytest.mark.parametrize(
    "wrong", [3, [3], [{}], [{"setting": "x", "low": "a"}], [{"setting": "x", "kind": "odd"}], [{"setting": 3}]]
)
def test_that_ranges_of_the_wrong_kind_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match="search"):
        read_training({"search": wrong})


def test_that_a_first_range_lies_around_the_present_value(graph):
    assert (RATE.node, RATE.setting) in searchable(graph)
    found = proposed("convolution-1", "filters", graph)
    assert (found.kind, found.low, found.high) == ("whole number", 2.0, 8.0)
    rate = proposed("adam-1", "rate", graph)
    assert rate.log
    assert rate.low < 0.01 < rate.high
    assert proposed("adam-1", "schedule", graph).choices[0] == "constant"
    assert proposed("", "batch", graph).kind == "whole number"
    assert title_of(FILTERS, graph) == "filters of “Convolution”"


def test_that_ranges_that_do_not_fit_are_told_in_words(graph):
    assert "Nothing is to be searched" in next(faults(graph))
    gone = replace(RATE, node="gone")
    for wrong, words in (
        (replace(RATE, low=1.0, high=0.1), "above"),
        (replace(RATE, low=0.0), "above 0"),
        (Range("adam-1", "schedule", "choice", choices=("constant",)), "two different"),
        (replace(FILTERS, low=1.5), "whole"),
        (gone, "not there any more"),
    ):
        assert words in next(faults(ranged(graph, wrong)))
    assert "twice" in next(faults(ranged(graph, RATE, RATE)))
    assert list(faults(ranged(graph, RATE, FILTERS))) == []


def test_that_ranges_are_written_on_the_command_line(graph):
    assert parsed("convolution-1.filters=2..6", graph) == FILTERS
    assert parsed("Adam.rate=0.001..0.3log", graph) == RATE
    assert parsed("Adam.schedule=constant,cosine", graph).choices == ("constant", "cosine")
    assert parsed("training.batch=2,4", graph).choices == (2, 4)
    for wrong in ("filters", "Nobody.x=1..2", "Adam.rate=a..b", "Adam.rate=2..1", "Adam.rate="):
        with pytest.raises(ValueError, match=r"range|clear"):
            parsed(wrong, graph)


def test_that_choices_and_amounts_of_the_training_are_searched_and_told_where_they_fit_nothing(graph):
    known = {name for node_id, name in searchable(graph) if node_id == ""}
    assert known == {"batch", "epochs", "accumulate", "clip", "ema", "seed", "sampling"}
    first = tuple(proposed("", name, graph) for name in sorted(known))
    assert list(faults(ranged(graph, *first))) == []
    sampling = parsed("training.sampling=all,balanced", graph)
    assert sampling == proposed("", "sampling", graph)
    assert title_of(sampling, graph) == "sampling (training)"
    for choice in sampling.choices:
        assert with_values(graph, {sampling.key: choice}).training.sampling == choice
    assert with_values(graph, {".ema": 0, ".clip": 2}).training.clip == 2.0
    for wrong, words in (
        ("sampling=all,some", "one of all, balanced"), ("sampling=1..2", "sampling is 1.0"),
        ("batch=0..4", "The batch is 0"), ("ema=0..1", "The ema is 1"), ("accumulate=1.5,2", "accumulate is 1.5"),
        ("precision=auto,16", "no such setting"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            parsed(f"training.{wrong}", graph)


def test_that_the_values_of_a_trial_are_put_into_nodes_and_training(graph):
    made = with_values(graph, {RATE.key: 0.1, FILTERS.key: 5, ".batch": 7})
    assert made.nodes["adam-1"].settings["rate"] == 0.1
    assert made.nodes["convolution-1"].settings["filters"] == 5
    assert made.training.batch == 7
    with pytest.raises(RunError):
        with_values(graph, {".batch": 0})


def test_that_the_argument_of_a_block_is_searched_as_a_setting_of_its_use():
    use = Node("u", "block:b", "Unit", {})
    argument = Node("a", "argument", "width", {"default": "4"}, sheet="b")
    from runtime.graph import Block

    graph = Graph({"u": use, "a": argument}, blocks={"b": Block("b", "Unit")})
    names = [name for node_id, name in searchable(graph) if node_id == "u"]
    assert "repeat" in names
    assert len(names) >= 2


@pytest.mark.long
def test_that_trials_are_runs_and_a_broken_one_is_refused_before_it_starts(graph, tmp_path):
    project = tmp_path / "discs.netloom"
    groups = Range("convolution-1", "groups", "choice", choices=(1, 3))
    wide = ranged(graph, RATE, groups)
    save_graph(wide, project)
    search = begin_search(wide, project, trials=4, sampler="random")
    told = []
    assert work(search, lambda number, how: told.append((number, how))) == 4
    state = state_of(search)
    assert [trial.number for trial in state.trials] == [0, 1, 2, 3]
    kinds = {trial.values[groups.key]: trial.state for trial in state.trials}
    assert kinds == {1: "complete", 3: "refused"}
    refused_one = next(trial for trial in state.trials if trial.state == "refused")
    assert refused_one.reason
    assert refused_one.run == ""
    best = next(trial for trial in state.trials if trial.number == state.best)
    run = Run(search.run_folder(best.number))
    assert run.status == "finished"
    assert run.job.graph.nodes["adam-1"].settings["rate"] == best.values[RATE.key]
    assert run.folder in [found.folder for found in find_runs(project)]
    assert [found.folder for found in find_searches(project)] == [search.folder]
    assert judged_by_loss(search)
    assert told[0][0] == 0


def judged_by_loss(search):
    return (search.plan.metric, search.plan.higher) == ("validation_loss", False)


def test_that_a_study_is_told_of_few_epochs_of_a_long_trial_and_of_the_same_of_each():
    assert [epoch for epoch in range(95, 141) if is_told(epoch)] == [95, 96, 97, 98, 99, 100, 110, 120, 130, 140]
    assert sum(map(is_told, range(1, 1_000_000))) == 99 + 4 * 90


def test_that_the_watched_metric_judges_the_trials(graph):
    from runtime.analysis import analyse

    watched = replace(graph, training=replace(graph.training, watch="accuracy-1"))
    assert judged_by(analyse(watched)) == ("validation_accuracy", True)
    assert judged_by(analyse(graph)) == ("validation_loss", False)


@pytest.mark.long
def test_that_two_workers_share_one_study_and_a_killed_one_is_begun_again(graph, tmp_path):
    project = tmp_path / "discs.netloom"
    long = replace(graph, training=replace(graph.training, epochs=1_000_000, search=(RATE,)))
    save_graph(long, project)
    search = begin_search(long, project, trials=3, sampler="random", pruning=False)
    words = words_of("search", project, "--study", search.folder)
    first, second = (subprocess.Popen(words, stdout=subprocess.DEVNULL) for _ in range(2))
    with first, second:
        wait_for(lambda: sum(trial.epochs >= 1 for trial in state_of(search).trials) == 2)
        first.kill()
        first.wait()
        search.ask_to_stop()
        second.wait(timeout=120)
    states = [trial.state for trial in state_of(search).trials]
    assert sorted(states) == ["running", "stopped"]
    for run in find_runs(project):
        run.ask_to_stop()  # that of the killed worker is still trained
    wait_for(lambda: all(run.status != "running" for run in find_runs(project)))
    search.extend(2)
    short = replace(load_graph(search.folder / "project.netloom").graph)
    save_graph(replace(short, training=replace(short.training, epochs=1)), search.folder / "project.netloom")
    search.go_on()
    assert work(search, lambda *_: None) == 2
    after = state_of(search)
    values = {trial.number: trial.values[RATE.key] for trial in after.trials}
    assert [trial.state for trial in after.trials] == ["stopped", "stopped", "complete", "complete"]
    assert {values[0], values[1]} == {values[2], values[3]}


def wait_for(condition):
    import time

    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.long
def test_that_the_command_searches_shows_and_stops(project, tmp_path):
    study = tmp_path / "study"
    wanted = ["--range", "Adam.rate=0.0001..0.1log", "--range", "training.batch=4,8", "--epochs", 1, "--device", "cpu"]
    found = answer("search", project, "--study", study, "--trials", 2, *wanted)
    assert len(found["trials"]) == 2
    assert found["best"] in (0, 1)
    again = answer("search", project, "--study", study, "--show")
    assert again["trials"] == found["trials"]
    answer("search", project, "--study", study, "--stop")
    assert Search(study).asked_to_stop
    assert len(answer("search", project, "--study", study, "--trials", 3)["trials"]) == 3
    assert "--range" in refused("search", project, "--study", study, *wanted)
    assert "no search" in refused("search", project, "--study", tmp_path / "none", "--show")
    assert netloom("search", project).returncode == 1


def test_that_optuna_is_imported_by_a_search_alone():
    code = "import sys, runtime.cli.main, runtime.search.worker, designer.app; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
