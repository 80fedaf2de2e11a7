"""What tables of runs show, tags and notes, comparing, and deleting: on runs that were really trained."""

import json
import shutil

import pytest

from runtime.comparison import compared
from runtime.errors import RunError
from runtime.events import Batch, Epoch, Finished, Started, line
from runtime.job import load_job
from runtime.locks import held
from runtime.run_deletion import delete_run, why_not_delete
from runtime.run_facts import (
    Followed,
    RunFacts,
    curves_of,
    facts_of,
    from_record,
    front,
    names_of_losses,
    record_of,
)
from runtime.run_notes import FILE, Notes, read_notes, write_notes
from runtime.runs import Run
from tests.builders import graphs, pictures
from tests.builders.detection import detector, framed_folder
from tests.runtime.command import answer, done, netloom, refused


def a_run(folder, *events, **settings):
    graph = graphs.classifier(**pictures.facts(folder.parent / "data"))
    document = graphs.Document(graph)
    if settings:
        with document.edit("Change"):
            document.change("convolution-1", **settings)
    run = pictures.new_run(document.graph(), folder)
    (folder / "worker.json").write_text(json.dumps({"pid": 1, "started": "x", "events_before": 0}))
    run.events_file.write_text("".join(line(event, 2.0 * place) + "\n" for place, event in enumerate(events)))
    return run


@pytest.fixture
def place(tmp_path):
    pictures.class_folders(tmp_path / "data", 8)
    return tmp_path


def course(*accuracies):
    epochs = [
        Epoch(number, {"validation_loss": 1 / number, "validation_accuracy": value}, 1.0, best=value == max(accuracies))
        for number, value in enumerate(accuracies, 1)
    ]
    best = max(range(len(accuracies)), key=accuracies.__getitem__) + 1
    first = Started(len(epochs), 3, "cpu", 100, {"train": 6})
    return (first, Batch(1, 1, 3, 0.7), *epochs, Finished(len(epochs), best, {}))


def test_that_the_facts_of_a_run_are_those_of_its_files(place):
    run = a_run(place / "20260304-050607", *course(0.5, 0.9, 0.8))
    facts = facts_of(run)
    assert (facts.status, facts.epochs, facts.planned, facts.best_epoch) == ("finished", 3, 3, 2)
    assert (facts.metric, facts.value, facts.higher, facts.loss) == ("validation_accuracy", 0.9, True, 0.5)
    assert facts.error == pytest.approx(0.1)
    assert facts.began == "2026-03-04T05:06:07"
    assert facts.seconds == 10.0
    assert facts.device == "cpu"
    assert facts.parameters
    assert facts.multiply_adds
    assert facts.bytes == sum(file.stat().st_size for file in run.folder.rglob("*") if file.is_file())
    assert from_record(json.loads(json.dumps(record_of(facts)))) == facts


def test_that_a_run_whose_graph_is_damaged_still_has_a_row(place):
    run = a_run(place / "run", *course(0.5))
    (run.folder / "project.netloom").write_text("{")
    facts = facts_of(Run(run.folder))
    assert "project.netloom" in facts.problem
    assert (facts.value, facts.parameters, facts.multiply_adds) == (0.5, 100, None)


def test_that_epochs_that_are_told_again_after_a_resume_count_once(place):
    again = (Started(2, 3, "cpu", 100, resumed_after=1), Epoch(2, {"train_loss": 7.0}, 1.0))
    first = (Started(2, 3, "cpu", 100), Epoch(1, {"train_loss": 3.0}, 1.0), Epoch(2, {"train_loss": 9.0}, 1.0))
    assert curves_of(a_run(place / "run", *first, *again)) == {"train_loss": [(1, 3.0), (2, 7.0)]}


def test_that_the_events_of_a_run_that_goes_on_are_given_once_and_whole(tmp_path):
    run = Run(tmp_path)
    followed = Followed(run)
    assert list(followed.fresh()) == []
    told = [(line(event, 1.0) + "\n").encode() for event in course(0.5, 0.9)]
    run.events_file.write_bytes(b"".join(told[:2]) + told[2][:10])
    assert [type(event) for event, _ in followed.fresh()] == [Started]  # the second is of a batch, the third not whole
    with run.events_file.open("ab") as file:
        file.write(told[2][10:] + b"none\n" + told[3])
    assert [event.epoch for event, _ in followed.fresh()] == [1, 2]
    assert list(followed.fresh()) == []


def test_that_tags_and_a_note_are_kept_and_other_entries_of_their_file_stay(place):
    run = a_run(place / "run", *course(0.5))
    assert read_notes(run.folder) == Notes()
    (run.folder / FILE).write_text('{"format": 1, "stars": 3}')
    write_notes(run.folder, Notes(("good ", "", "a,b", "good"), "Überraschend\nbesser"))
    assert read_notes(run.folder) == Notes(("good", "a b"), "Überraschend\nbesser")
    assert json.loads((run.folder / FILE).read_text(encoding="utf-8"))["stars"] == 3
    assert (facts_of(run).tags, facts_of(run).note) == (("good", "a b"), "Überraschend\nbesser")


@pytest.mark.parametrize("content", ["", "[]", '{"tags": 3, "note": []}', "\x00"])
def test_that_a_damaged_note_is_as_none(place, content):
    run = a_run(place / "run", *course(0.5))
    (run.folder / FILE).write_text(content)
    assert read_notes(run.folder) == Notes()


def test_that_runs_are_compared_with_the_first_in_words_and_the_best_for_their_cost_are_named(place):
    small = a_run(place / "a", *course(0.7), filters=2)
    large = a_run(place / "b", *course(0.9), filters=8)
    wasteful = a_run(place / "c", *course(0.8), filters=16)
    found = compared([small, large, wasteful])
    assert found.differences[0] == ()
    assert found.differences[1] == ("filters of “Convolution”: 2 → 8",)
    assert found.fronts == {"multiply_adds": (0, 1), "parameters": (0, 1)}
    assert found.curves[1]["validation_accuracy"] == [(1, 0.9)]


def test_that_the_front_holds_what_nothing_cheaper_beats():
    assert front([(3.0, 0.1), (1.0, 0.5), (2.0, 0.5), (1.0, 0.4), (4.0, 0.1), (5.0, 0.05)]) == [3, 0, 5]
    assert front([]) == []


def test_that_a_run_without_a_value_has_no_error():
    assert RunFacts("r", "r", "", "died").error is None
    assert RunFacts("r", "r", "", "died", value=2.5, higher=False).error == 2.5
    assert RunFacts("r", "r", "", "died", value=2.5, higher=True).error is None


def test_that_a_run_is_deleted_whole_and_says_what_that_frees(place):
    run = a_run(place / "run", *course(0.5))
    (run.folder / "checkpoints" / "best.safetensors").write_bytes(b"x" * 1000)
    (place / "kept.txt").write_text("kept")
    (run.folder / "exports" / "link").symlink_to(place / "kept.txt")
    size = facts_of(run).bytes
    assert size > 1000
    assert delete_run(run) == size
    assert not run.folder.exists()
    assert (place / "kept.txt").read_text() == "kept"


def test_that_a_run_that_is_trained_or_none_is_never_deleted(place):
    run = a_run(place / "run", Started(2, 3, "cpu", 100))
    run.register_worker()
    with pytest.raises(RunError, match="stop it before"):
        delete_run(run)
    ended = a_run(place / "ended", *course(0.5))
    with held(ended.folder / "lock"), pytest.raises(RunError, match="stop it before"):
        delete_run(ended)
    assert load_job(ended.folder).graph.nodes
    assert "not a run folder" in why_not_delete(Run(place))


@pytest.mark.slow
def test_that_commands_list_note_compare_and_delete_runs(run, tmp_path):
    folder = tmp_path / "copies"
    for name in ("a", "b"):
        shutil.copytree(run, folder / name)
    done("note", folder / "b", "--tags", "good, wide", "--text", "The second")
    lines = [json.loads(text) for text in done("runs", folder, "--lines").stdout.splitlines()]
    assert [(one["name"], one["tags"], one["note"]) for one in lines] == [
        ("b", ["good", "wide"], "The second"), ("a", [], ""),
    ]  # fmt: skip
    assert answer("runs", folder)["runs"][0]["multiply_adds"] > 0
    found = answer("compare", folder / "a", folder / "b")
    assert found["runs"][1]["differences"] == []
    assert len(found["runs"][0]["curves"]["validation_loss"]) == 2
    assert "no difference" in done("compare", folder / "a", folder / "b").stdout
    assert "--yes" in refused("delete", folder / "a", code=2)
    assert answer("delete", folder / "a", "--yes")["freed"] > 0
    assert [one["name"] for one in answer("runs", folder)["runs"]] == ["b"]
    assert netloom("delete", folder / "a", "--yes").returncode == 1


def test_that_single_losses_are_told_apart_from_metrics_by_their_nodes(tmp_path):
    found = names_of_losses(detector(framed_folder(tmp_path, cases=2)))
    assert found == {"validation_giou_loss", "validation_objectness_loss", "validation_box_class_loss"}
