"""The folder of a queue of folds: frozen when it is begun, one process at a time, stopped and gone on with."""

import csv
import json

import pytest

from runtime.data.labels import read_dataset
from runtime.errors import RunError
from runtime.evaluation.fold_columns import columns_to_leave_out
from runtime.evaluation.fold_queue import Asked, FoldQueue, begin_queue, find_queues
from runtime.evaluation.folds import job_of, planned_folds
from runtime.events import Finished, line
from runtime.files import load_graph
from runtime.runs import Run, create_run
from tests.builders import graphs, pictures


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("queue") / "data", 12)


@pytest.fixture
def graph(data):
    return graphs.classifier(**pictures.facts(data, "folders"))


@pytest.fixture
def queue(tmp_path, graph):
    return begin_queue(graph, tmp_path / "lungs.netloom", Asked(k=3))


def test_that_a_queue_holds_its_own_graph_and_is_found_beside_the_project(tmp_path, queue, graph, data):
    assert queue.folder.parent == tmp_path / "lungs-folds"
    assert load_graph(queue.project).graph == graph
    assert [(one.folder, one.asked) for one in find_queues(tmp_path / "lungs.netloom")] == [(queue.folder, Asked(3))]
    assert queue.standing().runs == ()
    plan = planned_folds(queue.folder, read_dataset(data), k=3)
    create_run(job_of(plan, plan.runs[0], graph, {}))
    assert [fold.state for fold in queue.standing().runs] == ["training", "waiting", "waiting"]


def test_that_a_trained_fold_is_being_measured_only_while_somebody_works(queue, data, graph):
    plan = planned_folds(queue.folder, read_dataset(data), k=3)
    run = create_run(job_of(plan, plan.runs[0], graph, {}))
    run.register_worker()
    run.events_file.write_text(line(Finished(1, 1, {}), 1.0) + "\n", encoding="utf-8")
    assert [fold.state for fold in queue.standing().runs] == ["trained", "waiting", "waiting"]
    with queue.work():
        assert [fold.state for fold in queue.standing().runs] == ["measuring", "waiting", "waiting"]


def test_that_folds_of_the_command_line_are_kept_as_those_of_the_window_are(tmp_path, graph, data):
    queue = FoldQueue(tmp_path / "elsewhere")
    planned_folds(queue.folder, read_dataset(data), k=4)
    assert queue.asked == Asked(4)  # before there was a project in the folder, its plan said it
    queue.keep(graph, Asked(k=4))
    queue.keep(graph, Asked(k=5))
    assert load_graph(queue.project).graph == graph
    assert queue.asked == Asked(4)
    with pytest.raises(RunError, match="holds no folds"):
        _ = FoldQueue(tmp_path / "empty").asked


def test_that_one_process_at_a_time_works_and_both_it_and_its_run_are_asked_to_stop(queue, graph, data):
    plan = planned_folds(queue.folder, read_dataset(data), k=3)
    create_run(job_of(plan, plan.runs[0], graph, {}))
    queue.ask_to_stop()
    assert Run(queue.folder / "fold-1").asked_to_stop
    with queue.work():
        assert queue.working
        assert not queue.asked_to_stop
        with pytest.raises(RunError, match="already"), FoldQueue(queue.folder).work():
            pass
    assert not queue.working


def test_that_a_damaged_folder_is_told_in_words(queue):
    (queue.folder / "queue.json").write_text(json.dumps({"format": 1}), encoding="utf-8")
    assert "does not say which folds" in queue.standing().problem


def test_that_columns_are_offered_which_name_groups_and_not_the_classes_or_each_image(tmp_path):
    folder = pictures.class_folders(tmp_path / "data", 12)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    rows = [(path, path.split("/")[0][:1], f"Clinic {at % 3}", "MRI", f"A{at}") for at, path in enumerate(paths)]
    with (folder / "about.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "finding", "site", "modality", "accession"), *rows])
    assert list(columns_to_leave_out(read_dataset(folder, labels="folders"))) == [("site", 3)]
