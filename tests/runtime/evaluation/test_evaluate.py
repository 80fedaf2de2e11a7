"""A trained run is measured on its own parts and on other folders, in its own class order."""

import csv
import errno
import json
import shutil

import pytest
from PIL import Image

from runtime.errors import InputError, file_error
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.intervals import share_interval, wilson
from runtime.events import Warned, line
from runtime.train import train
from tests.builders import graphs, pictures


def train_run(graph, folder, epochs=6):
    run = pictures.new_run(graph, folder, epochs=epochs, batch=8, device="cpu")
    *_, finished = train(run.job)
    return run, finished


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    place = tmp_path_factory.mktemp("evaluated")
    folder = pictures.class_folders(place / "data")
    loss = ("cross_entropy", {"class_weights": "balanced"})
    graph = graphs.classifier(before=["normalise"], loss=loss, **pictures.facts(folder))
    return train_run(graph, place / "run")


def test_that_the_test_part_is_measured_and_written_down(done):
    run, _ = done
    found = evaluate(run).as_dict()
    assert {"part", "cases", "patients", "metrics", "classes", "confusion"} <= set(found)
    assert (found["part"], found["cases"], found["patients"]) == ("test", 6, 6)
    assert list(found["classes"]) == ["bright", "dark"]
    assert sum(map(sum, found["confusion"])) == 6
    right = found["confusion"][0][0] + found["confusion"][1][1]
    assert found["metrics"]["accuracy"] == pytest.approx(right / 6)
    written = json.loads((run.folder / "evaluation-test.json").read_text(encoding="utf-8"))
    assert written["confusion"] == found["confusion"]
    assert "too few" in written["intervals"]["accuracy"]["note"]


def test_that_data_that_changed_since_the_run_are_told(tmp_path):
    folder = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    run, _ = train_run(graph, tmp_path / "run", 1)
    assert not any("changed" in text for text in evaluate(run).warnings)
    (folder / "bright" / "case001.png").unlink()
    (said,) = (text for text in evaluate(run).warnings if "changed" in text)
    assert "without 1 case no longer there" in said


def test_that_the_validation_part_gives_the_numbers_of_the_best_epoch(done):
    run, finished = done
    metrics = evaluate(run, "validation").metrics
    for name in ("loss", "accuracy"):
        assert metrics[name] == pytest.approx(finished.metrics[f"validation_{name}"], rel=1e-6), name


def test_that_each_case_has_a_row_without_its_path(done):
    run, _ = done
    evaluate(run, "train")
    with (run.folder / "evaluation-train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 23
    after = ["patient", "correct", "confidence", "error"]
    assert list(rows[0]) == ["case", "true", "predicted", "p:bright", "p:dark", *after]
    assert "case0" not in (run.folder / "evaluation-train.csv").read_text(encoding="utf-8")
    assert float(rows[0]["p:bright"]) + float(rows[0]["p:dark"]) == pytest.approx(1, abs=1e-5)


def test_that_another_folder_is_judged_in_the_runs_class_order_and_unknown_classes_are_listed(done, tmp_path):
    run, _ = done
    other = pictures.class_folders(tmp_path / "other", 12)
    shutil.copytree(other / "bright", other / "aardvark")
    found = evaluate(run, data=other)
    assert found.part == "all"
    assert found.cases == 12
    assert found.classes == ("bright", "dark")
    assert found.unknown_classes == ("aardvark",)
    assert any("aardvark" in text for text in found.warnings)
    assert found.confusion[0][0] + found.confusion[1][1] >= 10


def test_that_a_folder_of_another_size_is_fitted_to_the_run(done, tmp_path):
    run, _ = done
    other = pictures.class_folders(tmp_path / "other", 8)
    for path in other.rglob("*.png"):
        Image.open(path).resize((40, 30)).save(path)
    assert evaluate(run, data=other).cases == 8


def test_that_a_folder_without_labels_or_known_classes_is_a_problem_of_the_input(done, tmp_path):
    run, _ = done
    pictures.class_folders(tmp_path / "other", 4, ("only",))
    with pytest.raises(InputError, match="no labels that could be used, but the run learned from a class"):
        evaluate(run, data=tmp_path / "other" / "only")
    strange = pictures.class_folders(tmp_path / "strange", 8, ("cold", "warm"))
    with pytest.raises(InputError, match="There is no case in"):
        evaluate(run, data=strange)


def test_that_files_that_cannot_be_read_are_counted_by_reason_with_an_example(done, tmp_path):
    run, _ = done
    other = pictures.class_folders(tmp_path / "other", 12)
    for path in sorted(other.rglob("*.png"))[:3]:
        path.write_bytes(path.read_bytes()[:80])
    (said,) = (text for text in evaluate(run, data=other).warnings if "could not be read" in text)
    assert said.startswith("3 cases could not be read: 3: file 1 and others: cannot be read")
    assert ".png" not in said


def test_that_the_folder_of_masks_that_was_chosen_is_used_in_another_folder_too(tmp_path):
    for place in ("data", "other"):
        folder = pictures.masked(tmp_path / place)
        shutil.copytree(folder / "masks", folder / "masks_too")
    graph = graphs.segmenter(before=["normalise"], **pictures.facts(tmp_path / "data", "masks_too"))
    run, _ = train_run(graph, tmp_path / "run", 1)
    assert evaluate(run, data=tmp_path / "other").cases == 20
    shutil.rmtree(tmp_path / "other" / "masks_too")
    (tmp_path / "other" / "masks").rename(tmp_path / "other" / "unknown")
    with pytest.raises(InputError, match="learned from a mask"):
        evaluate(run, data=tmp_path / "other")


def test_that_masks_are_measured_by_dice_of_each_class(tmp_path):
    facts = pictures.facts(pictures.masked(tmp_path / "data"))
    graph = graphs.segmenter(before=["normalise"], loss="dice_cross_entropy", metrics=["dice_score"], **facts)
    run, finished = train_run(graph, tmp_path / "run", 12)
    found = evaluate(run, "validation")
    assert found.metrics["dice_score"] == pytest.approx(finished.metrics["validation_dice_score"], rel=1e-6)
    assert found.metrics["mean_dice"] > 0.7
    assert sum(map(sum, found.confusion)) == found.cases * 16 * 16


def test_that_numbers_are_measured_by_their_errors(tmp_path):
    graph = graphs.regressor(before=["normalise"], **pictures.facts(pictures.numbered(tmp_path / "data")))
    run, _ = train_run(graph, tmp_path / "run", 8)
    found = evaluate(run, "validation")
    assert found.metrics["root_mean_squared_error"] == pytest.approx(found.metrics["loss"] ** 0.5, rel=1e-5)
    assert found.classes == ()
    assert found.confusion == ()


def test_that_the_interval_is_wilsons_and_counts_patients():
    # Newcombe 1998, table I
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    by_case = share_interval([True] * 90 + [False] * 10, [str(case) for case in range(100)])
    by_patient = share_interval([True] * 90 + [False] * 10, [str(case // 5) for case in range(100)])
    assert by_patient.patients == 20
    assert by_patient.high - by_patient.low > by_case.high - by_case.low
    assert "too few" in share_interval([True] * 9, ["one"] * 9).note


def test_that_unknown_patients_and_the_leaks_of_the_run_are_told(tmp_path):
    folder = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    run, _ = train_run(graph, tmp_path / "run", 1)
    leak = "Files are copies of each other: the measures look better than they are."
    with run.events_file.open("a", encoding="utf-8") as file:
        file.write(line(Warned(leak), 1.0) + "\n")
    found = evaluate(run)
    assert "patients of these cases are not known" in found.warnings[0]
    assert found.unknown_patients == found.cases
    assert leak in found.warnings


def test_that_data_that_may_not_be_read_are_told_by_name():
    said = file_error(PermissionError(errno.EACCES, "Permission denied", "/data/chest"))
    assert said.startswith("“/data/chest” could not be read or written (Permission denied)")
    assert "choose another folder" in said
