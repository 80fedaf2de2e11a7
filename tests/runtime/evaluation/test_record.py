"""What an evaluation leaves in the run folder is read back as it was, tells of every case, and names nobody."""

import csv
import json
from dataclasses import fields, replace

import numpy as np
import pytest

from runtime.errors import RunError
from runtime.evaluation.intervals import Interval
from runtime.evaluation.kept import MaskFile, case_table, save_evaluation
from runtime.evaluation.openings import note_opening, openings
from runtime.evaluation.operating_point import (
    OperatingPoint,
    Temperature,
    forget_operating_point,
    load_operating_point,
    load_temperature,
    save_operating_point,
    save_temperature,
)
from runtime.evaluation.record import (
    AtThreshold,
    Evaluation,
    Subgroup,
    load_cases,
    load_masks,
    load_record,
    stem_of,
)
from tests.runtime.evaluation.cases import classified, labelled

interval = {"auc": Interval(20, 0.5, 0.9, method="DeLong")}
RECORD = Evaluation(
    part="test", cases=30, patients=20, metrics={"auc": 0.7}, classes=("=no", "yes"), confusion=((3, 1), (2, 4)),
    task="classification", epoch=4, intervals=interval, warnings=("One.",), opened=2, salt="5a17", temperature=1.5,
    operating_points=(AtThreshold("yes", 0.3, {"sensitivity": 0.9}, interval),),
    subgroups=(Subgroup("sex", "F", 12, 9, {"auc": 0.6}, interval),), folds=({"auc": 0.6}, {"auc": 0.8}),
)  # fmt: skip


def test_that_a_record_and_its_cases_are_read_as_they_were_written(tmp_path):
    cases = replace(
        classified(0, 30, 2, patients=12), columns={"sex": np.array(["F", "M"] * 15)}, overlaps={"dice": np.eye(30)}
    )
    save_evaluation(tmp_path, "test", RECORD, cases)
    assert load_record(tmp_path, "test") == RECORD
    again = load_cases(tmp_path, "test")
    for name in (one.name for one in fields(cases)):
        before, after = getattr(cases, name), getattr(again, name)
        if isinstance(before, dict):
            assert list(before) == list(after)
            assert all(np.array_equal(before[key], after[key]) for key in before)
        else:
            assert np.array_equal(before, after, equal_nan=before.dtype.kind == "f"), name


def test_that_what_is_not_there_older_or_damaged_is_told_apart(tmp_path):
    assert load_record(tmp_path, "test") is None
    with pytest.raises(RunError, match="evaluate this part of the run first"):
        load_cases(tmp_path, "test")
    older = {"format": 1, "part": "test", "metrics": {}}
    (tmp_path / "evaluation-test.json").write_text(json.dumps(older), encoding="utf-8")
    assert load_record(tmp_path, "test") is None
    (tmp_path / "evaluation-test.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match="is damaged"):
        load_record(tmp_path, "test")
    (tmp_path / "evaluation-test.npz").write_bytes(b"PK nothing")
    with pytest.raises(RunError, match="is damaged"):
        load_cases(tmp_path, "test")


def test_that_the_table_of_cases_has_a_row_for_each_and_no_formula():
    cases = replace(classified(1, 30, 2), columns={"scanner": np.array(["+A"] * 30)})
    rows = list(csv.DictReader(case_table(RECORD, cases).splitlines()))
    assert list(rows[0]) == [
        "case", "true", "predicted", "p:=no", "p:yes", "patient", "correct", "confidence", "error", "scanner",
    ]  # fmt: skip
    assert {row["true"] for row in rows} == {"'=no", "yes"}
    assert rows[0]["scanner"] == "'+A"
    assert float(rows[3]["p:yes"]) == pytest.approx(cases.probabilities[3, 1], abs=1e-6)
    several = labelled(0, 10, 2)
    rows = list(csv.DictReader(case_table(replace(RECORD, task="several labels"), several).splitlines()))
    assert rows[0]["true"] == "'=no; yes"
    assert rows[1]["true"] == ""


def test_that_masks_are_read_one_by_one_and_half_a_file_is_taken_away(tmp_path):
    true, found = np.arange(6).reshape(2, 3), np.zeros((2, 3), int)
    file = MaskFile(tmp_path, "test", ["one", "two"])
    file.add(1, true, found)
    file.close(whole=True)
    kept = load_masks(tmp_path, "test", "two")
    assert np.array_equal(kept[0], true)
    assert np.array_equal(kept[1], found)
    with pytest.raises(RunError, match="evaluate this part again"):
        load_masks(tmp_path, "test", "one")
    half = MaskFile(tmp_path, "train", ["one"])
    half.add(0, true, found)
    half.close(whole=False)
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation-test-masks.npz"]


def test_that_operating_point_and_temperature_hold_for_their_epoch_alone(tmp_path):
    assert load_operating_point(tmp_path) is None
    point = OperatingPoint({"yes": 0.3}, "user", "set by hand", 4)
    save_operating_point(tmp_path, point)
    save_temperature(tmp_path, Temperature(1.5, 40, 4))
    assert load_operating_point(tmp_path) == load_operating_point(tmp_path, 4) == point
    assert load_operating_point(tmp_path, 5) is None
    assert load_temperature(tmp_path, 4) == Temperature(1.5, 40, 4)
    assert load_temperature(tmp_path, 5) is None
    forget_operating_point(tmp_path)
    assert load_operating_point(tmp_path) is None
    with pytest.raises(RunError, match="a probability from 0 to 1 fits"):
        save_operating_point(tmp_path, OperatingPoint({"yes": 30}, "user", "set by hand", 4))
    (tmp_path / "temperature.json").write_text("[]", encoding="utf-8")
    with pytest.raises(RunError, match="is damaged"):
        load_temperature(tmp_path)


def test_that_openings_are_counted_and_a_damaged_count_is_told(tmp_path):
    assert openings(tmp_path) == 0
    assert [note_opening(tmp_path, 3), note_opening(tmp_path, 5)] == [1, 2]
    assert openings(tmp_path) == 2
    (tmp_path / "test-openings.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="how often the test part was opened"):
        openings(tmp_path)


def test_that_one_part_of_another_folder_does_not_take_the_place_of_the_runs_own():
    assert [stem_of("test", False), stem_of("test", True), stem_of("all", True)] == ["test", "external-test", "all"]
