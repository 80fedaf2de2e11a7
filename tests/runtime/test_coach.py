"""The coach recognises trainings that go wrong, and leaves alone those that go well."""

import math
from dataclasses import replace

import pytest

from runtime.analysis import analyse
from runtime.coach.advice import advice, changed
from runtime.coach.course import course_of
from runtime.coach.finding import TITLES, Finding
from runtime.coach.reading import read_course
from runtime.document import Document
from runtime.events import Epoch, Failed, Finished, Observed, Started
from runtime.fixes import apply_fix
from runtime.readiness import training_problems
from runtime.templates import graph_of
from runtime.worker import run_worker
from tests.builders import graphs, pictures, planted

PLANTED = tuple(TITLES)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Trains a planted situation once and gives its graph and events."""
    kept = {}

    def train(name):
        if name not in kept:
            folder = tmp_path_factory.mktemp(name)
            graph, epochs = getattr(planted, name)(folder / "data")
            run = pictures.new_run(graph, folder / "run", epochs=epochs, batch=16, device="cpu")
            run_worker(run.job)
            kept[name] = run.job.graph, [event for event, _ in run.events()]
        return kept[name]

    return train


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_that_a_planted_situation_is_recognised_and_has_a_remedy_that_can_be_trained(trained, name):
    graph, events = trained(name)
    analysis = analyse(graph)
    found = read_course(events, analysis)
    assert [finding.code for finding in found] == [name]
    (finding,) = found
    assert finding.message.endswith(".")
    assert any(sign.isdigit() for sign in finding.message) or name == "not_finite"
    fixes = advice(finding, analysis, analysis)
    assert fixes
    for fix in fixes:
        after = analyse(changed(graph, fix))
        assert not after.errors, fix.label
        assert not [one for one in training_problems(after) if one.severity == "error"], fix.label
        assert after.drawn != graph, fix.label


def test_that_a_healthy_run_gets_no_finding_after_any_epoch(trained):
    graph, events = trained("healthy")
    analysis = analyse(graph)
    assert isinstance(events[-1], Finished)
    for place, event in enumerate(events):
        if isinstance(event, Epoch | Finished):
            assert read_course(events[: place + 1], analysis) == ()


@pytest.mark.parametrize("kind", ["masks", "numbers", "lenet"])
def test_that_other_trainings_that_go_well_get_no_finding(tmp_path, kind):
    if kind == "masks":
        facts = pictures.facts(pictures.masked(tmp_path / "data", 30))
        loss = ("dice_cross_entropy", {"class_weights": "balanced"})
        graph = graphs.segmenter(before=["normalise"], loss=loss, metrics=["dice_score"], **facts)
    elif kind == "numbers":
        facts = pictures.facts(pictures.numbered(tmp_path / "data", 60))
        graph = graphs.regressor(layers=planted.CONVOLUTIONS, before=["normalise"], **facts)
    else:
        facts = pictures.facts(pictures.class_folders(tmp_path / "data", 60))
        graph = graphs.classifier(before=["normalise"], **facts)
    run = pictures.new_run(graph, tmp_path / "run", epochs=12, batch=8, device="cpu")
    assert run_worker(run.job) == 0
    assert read_course([event for event, _ in run.events()], analyse(run.job.graph)) == ()


def test_that_a_remedy_that_was_taken_is_not_offered_a_second_time(trained):
    for name in PLANTED:
        graph, events = trained(name)
        run = analyse(graph)
        (finding,) = read_course(events, run)
        for fix in advice(finding, run, run):
            again = advice(finding, run, analyse(changed(graph, fix)))
            assert fix.label not in [other.label for other in again], fix.label


def test_that_rare_classes_are_helped_by_weights_or_by_sampling_and_never_by_both(trained):
    graph, events = trained("majority")
    run = analyse(graph)
    (finding,) = read_course(events, run)
    weigh, sample = (fix for fix in advice(finding, run, run) if "rate" not in fix.label)
    assert weigh.label.startswith("Let all classes count alike")
    assert sample.label == "Show each class equally often (balanced sampling)"
    for one, other in ((weigh, sample), (sample, weigh)):
        after = analyse(changed(graph, one))
        assert "helped_twice" not in [problem.code for problem in training_problems(after)]
        assert other.label not in [fix.label for fix in advice(finding, run, after)]
    assert changed(graph, sample).training.sampling == "balanced"


def test_that_sampling_is_offered_only_where_each_case_has_a_class_and_some_are_rarer():
    for made in (graphs.classifier(counts=(8, 8)), graphs.regressor(), graphs.segmenter()):
        run = analyse(made)
        assert not [fix for fix in advice(Finding("majority", ""), run, run) if "equally often" in fix.label]


def test_that_every_remedy_is_one_step_of_undo(trained):
    for name in PLANTED:
        graph, events = trained(name)
        run = analyse(graph)
        (finding,) = read_course(events, run)
        for fix in advice(finding, run, run):
            document = Document(graph)
            apply_fix(fix, document)
            assert document.undo_label == fix.label
            document.undo()
            assert document.graph() == graph, fix.label


@pytest.mark.parametrize("template", ["u-net", "lenet", "image-classifier"])
@pytest.mark.parametrize("code", PLANTED)
def test_that_remedies_fit_the_templates_with_their_blocks(template, code):
    graph = graph_of(template)
    run = analyse(graph)
    before = {(one.node, one.code) for one in (*run.problems, *training_problems(run))}
    for fix in advice(Finding(code, ""), run, run):
        after = analyse(changed(graph, fix))
        errors = {(one.node, one.code) for one in after.errors}
        assert errors <= before, fix.label


def course(training, validation, **more):
    """Events of a run of a classifier with these losses."""
    told = [Started(len(training), 10, "cpu", 100, {"train": 100, "validation": 50})]
    for place, (own, other) in enumerate(zip(training, validation, strict=True)):
        epoch = place + 1
        told.append(Observed(epoch, true={"cross_entropy-1": [0.5, 0.5]}, predicted={"cross_entropy-1": [0.5, 0.5]}))
        told.append(Epoch(epoch, {"train_loss": own, "validation_loss": other}, 1.0, rate=0.01, **more))
    return told


def codes(training, validation):
    analysis = analyse(graphs.classifier())
    return [finding.code for finding in read_course(course(training, validation), analysis)]


def test_that_nothing_is_said_before_the_third_epoch():
    assert codes([0.7, 9.0], [0.7, 9.0]) == []
    assert codes([], []) == []


def test_that_a_gap_from_the_beginning_is_overfitting_too():
    assert codes([0.6, 0.4, 0.3, 0.2, 0.15, 0.1], [0.68] * 6) == ["overfitting"]


def test_that_a_small_rise_of_a_small_loss_is_nothing():
    assert codes([0.3, 0.1, 0.05, 0.02, 0.01, 0.005], [0.2, 0.05, 0.02, 0.025, 0.03, 0.03]) == []


def test_that_leaps_of_both_losses_are_a_rate_too_high_and_leaps_of_training_alone_are_not():
    leaps = [0.6, 0.3, 0.6, 0.3, 0.6, 0.3]
    assert codes(leaps, leaps) == ["rate_too_high"]
    assert codes(leaps, [0.4] * 6) == []


def test_that_a_slow_steady_fall_is_a_rate_too_low():
    falling = [0.69 - 0.005 * place for place in range(12)]
    assert codes(falling, falling) == ["rate_too_low"]


def test_that_the_loss_of_knowing_nothing_follows_from_the_shares_and_the_loss():
    told = [
        Started(1, 1, "cpu", 1, {}),
        Observed(1, true={"cross_entropy-1": [0.9, 0.1]}),
        Epoch(1, {"train_loss": 1.0, "validation_loss": 1.0}, 1.0),
    ]
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    assert course_of(told, analyse(graphs.classifier())).nothing == pytest.approx(entropy)
    even = graphs.classifier(loss=("cross_entropy", {"class_weights": "balanced"}))
    assert course_of(told, analyse(even)).nothing == pytest.approx(math.log(2))
    numbers = [told[0], Observed(1, true={"squared_error-1": [5.0, 2.0]}), told[2]]
    assert course_of(numbers, analyse(graphs.regressor())).nothing == pytest.approx(4)
    unknown = course_of(told, analyse(graphs.classifier(loss="focal")))
    assert unknown.nothing == 1.0


def test_that_a_resumed_run_counts_each_epoch_once():
    told = course([0.6, 0.5, 0.4], [0.6, 0.5, 0.4])
    again = [Failed("gone"), replace(told[0], resumed_after=2), *told[-2:]]
    read = course_of([*told, *again], analyse(graphs.classifier()))
    assert read.training == [0.6, 0.5, 0.4]
    assert read.failure is None
