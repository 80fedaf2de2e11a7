"""Cross-validation: each case is judged once, by the run that did not see it, and all are measured together."""

import csv
import json

import numpy as np
import pytest

from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.errors import InputError, RunError
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.folds import answered_by, check_division, job_of, planned_folds, pool
from runtime.evaluation.record import load_cases, load_record
from runtime.job import make_job
from runtime.runs import create_run
from runtime.train import train
from tests.builders import graphs, pictures
from tests.runtime.command import answer


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pictures of three sites, which a table names."""
    folder = pictures.class_folders(tmp_path_factory.mktemp("folds") / "data", 30)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    with (folder / "sites.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(path, f"Clinic {number % 3}") for number, path in enumerate(paths)]
        csv.writer(file).writerows([("path", "site"), *rows])
    return folder


@pytest.fixture(scope="module")
def graph(data):
    return graphs.classifier(before=["normalise"], **pictures.facts(data, "folders"))


def dataset(data):
    return read_dataset(data, labels="folders")


def pooled(plan, graph, data):
    records = []
    for fold in plan.runs:
        run = create_run(job_of(plan, fold, graph, {"epochs": 1, "device": "cpu"}))
        list(train(run.job))
        records.append(evaluate(run, "test", by=plan.groups, salt=plan.salt))
    return pool(plan, records, len(dataset(data).samples)), records


def test_that_every_case_is_judged_once_by_the_fold_that_did_not_see_it(tmp_path, data, graph):
    plan = planned_folds(tmp_path / "folds", dataset(data), k=3)
    assert check_division(plan, dataset(data), graph) == 30
    record, records = pooled(plan, graph, data)
    cases = load_cases(plan.folder, "pooled")
    assert len(cases) == len(set(cases.case)) == record.cases == 30
    assert sum(one.cases for one in records) == 30
    assert record == load_record(plan.folder, "pooled")
    assert record.metrics["accuracy"] == pytest.approx(cases.correct.mean())
    assert record.intervals["accuracy"].patients == 30
    homes = answered_by(plan.folder)
    assert set(homes) == set(cases.case)
    for fold in plan.runs:
        own = load_cases(plan.folder / fold.name, "test").case
        assert {case for case, home in homes.items() if home == plan.folder / fold.name} == set(own)
    assert [one["accuracy"] for one in record.folds] == [one.metrics["accuracy"] for one in records]
    assert np.array_equal(record.confusion, np.sum([one.confusion for one in records], axis=0))
    assert (record.opened, record.temperature) == (0, None)


def test_that_one_site_after_the_other_is_left_out_and_has_its_own_result(tmp_path, data, graph):
    plan = planned_folds(tmp_path / "sites", dataset(data), column="site")
    assert [fold.division["held_out"] for fold in plan.runs] == ["Clinic 0", "Clinic 1", "Clinic 2"]
    record, records = pooled(plan, graph, data)
    assert [one.cases for one in records] == [10, 10, 10]
    assert [(group.column, group.cases) for group in record.subgroups] == [("site", 10)] * 3
    assert all(len(one.subgroups) == 1 for one in records)
    assert "Clinic" not in json.dumps(record.as_dict())


def test_that_a_plan_is_taken_up_again_and_another_one_is_refused(tmp_path, data):
    plan = planned_folds(tmp_path / "folds", dataset(data), k=4)
    assert planned_folds(tmp_path / "folds", dataset(data), k=4) == plan
    with pytest.raises(RunError, match="made otherwise"):
        planned_folds(tmp_path / "folds", dataset(data), k=5)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="a folder of their own"):
        planned_folds(tmp_path / "other", dataset(data), k=4)


def test_that_what_cannot_be_divided_is_told_before_the_first_run(tmp_path, data, graph):
    with pytest.raises(InputError, match="3 or more fit"):
        planned_folds(tmp_path / "two", dataset(data), k=2)
    with pytest.raises(DataError, match="no column “hospital”"):
        planned_folds(tmp_path / "none", dataset(data), column="hospital")
    small = pictures.class_folders(tmp_path / "small", 4)
    few = dataset(small)
    with pytest.raises(DataError, match="fold-1: "):
        check_division(planned_folds(tmp_path / "many", few, k=20), few, graph)


@pytest.mark.long
def test_that_the_command_trains_what_is_missing_and_goes_on_where_it_stood(project, tmp_path):
    words = ("folds", project, "--out", tmp_path / "out", "--k", 3, "--epochs", 1, "--device", "cpu")
    record = answer(*words)
    assert record["part"] == "pooled"
    assert len(record["folds"]) == 3
    events = [(tmp_path / "out" / f"fold-{number}" / "events.jsonl").read_bytes() for number in (1, 2, 3)]
    again = answer(*words)
    assert again["metrics"] == record["metrics"]
    assert events == [(tmp_path / "out" / f"fold-{number}" / "events.jsonl").read_bytes() for number in (1, 2, 3)]


@pytest.mark.long
def test_that_a_run_that_was_cut_off_before_its_first_checkpoint_is_trained_anew(project, tmp_path, graph):
    words = ("folds", project, "--out", tmp_path / "out", "--k", 3, "--epochs", 1, "--device", "cpu")
    cut_off = create_run(make_job(graph, tmp_path / "out" / "fold-1", more={"device": "cpu"}))
    cut_off.register_worker()
    note = cut_off.folder / "worker.json"
    note.write_text(json.dumps({**json.loads(note.read_text(encoding="utf-8")), "started": "gone"}), encoding="utf-8")
    (tmp_path / "out" / "folds.json").write_text(_three_folds(), encoding="utf-8")
    assert (cut_off.status, cut_off.can_resume) == ("died", False)
    assert answer(*words)["part"] == "pooled"
    assert cut_off.status == "finished"


def _three_folds():
    runs = [{"name": f"fold-{fold}", "division": {"folds": 3, "fold": fold}} for fold in (1, 2, 3)]
    return json.dumps({"format": 1, "column": "", "salt": "0" * 32, "runs": runs})
