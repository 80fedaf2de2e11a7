"""The commands that measure a run: groups, openings of the test part, operating points, predictive values."""

import json
import shutil

import numpy as np
import pytest

from runtime.analysis import analyse
from runtime.data.catalogue import DataError
from runtime.errors import InputError
from runtime.evaluation.cases import indexes_of
from runtime.evaluation.choosing import Choice, choose
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.operating_point import load_operating_point, load_temperature
from runtime.evaluation.record import load_cases, load_masks, load_record
from runtime.leading import lead_of
from runtime.material import read_data
from runtime.runs import Run
from tests.runtime.command import answer, done, refused


@pytest.fixture
def own(run):
    """A run of its own beside its data, whose test part was never opened."""
    folder = run.parent / "own"
    left = shutil.ignore_patterns("evaluation-*", "test-openings.json", "temperature.json", "operating-point.json")
    shutil.copytree(run, folder, ignore=left)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_that_every_opening_of_the_test_part_is_counted_and_told(own, practice):
    assert "opened for the first time" in done("evaluate", own).stdout
    assert evaluate(Run(own), "validation").opened == 0
    assert evaluate(Run(own), data=practice).opened == 0
    assert evaluate(Run(own)).opened == 2
    assert json.loads((own / "evaluation-test.json").read_text(encoding="utf-8"))["opened"] == 2


@pytest.mark.slow
def test_that_event_lines_tell_how_far_it_is_and_the_last_line_is_the_result(own):
    *events, last = map(json.loads, done("evaluate", own, "--part", "validation", "--events").stdout.splitlines())
    assert {one["event"] for one in events} == {"preparing"}
    assert all(0 <= one["done"] <= one["total"] for one in events)
    assert last["part"] == "validation"


def test_that_the_validation_part_fits_the_temperature_and_the_test_part_uses_it(own):
    before = evaluate(Run(own), "test")
    assert before.temperature is None
    assert any("not calibrated yet" in text for text in before.warnings)
    fitted = evaluate(Run(own), "validation")
    assert load_temperature(own, fitted.epoch).value == fitted.temperature
    assert fitted.metrics["log_loss_calibrated"] <= fitted.metrics["log_loss"] + 1e-9
    after = evaluate(Run(own), "test")
    assert after.temperature == fitted.temperature
    assert load_record(own, "test") == after
    assert after.metrics["auc"] == before.metrics["auc"]


def test_that_cases_are_found_again_and_nobody_is_named(own):
    record, cases = evaluate(Run(own)), load_cases(own, "test")
    graph = Run(own).job.graph
    dataset = read_data(analyse(graph), lead_of(analyse(graph)))
    samples = [dataset.samples[index] for index in indexes_of(dataset, cases, record.salt)]
    assert [record.classes[place] for place in cases.truth] == [sample.label for sample in samples]
    assert len(set(cases.patient)) == len({sample.patient for sample in samples}) == record.patients
    assert cases.patient_known.all()
    with np.load(own / "evaluation-test.npz", allow_pickle=False) as arrays:
        written = [" ".join(map(str, arrays[name].ravel())) for name in arrays.files if arrays[name].dtype.kind == "U"]
    written += [path.read_text(encoding="utf-8") for path in own.glob("evaluation-test.[cj]s*")]
    for sample in samples:
        assert not any(sample.patient in text or sample.path in text for text in written)


@pytest.mark.slow
def test_that_results_are_given_by_a_dicom_element_and_who_is_a_person_is_refused(own):
    record = answer("evaluate", own, "--part", "train", "--by", "PatientSex", "--by", "0008,1010")
    groups = {(group["column"], group["value"]): group for group in record["subgroups"]}
    assert {column for column, _ in groups} == {"PatientSex", "0008,1010"}
    assert sum(group["cases"] for group in record["subgroups"]) == 2 * record["cases"]
    assert all(group["patients"] <= record["patients"] for group in record["subgroups"])
    with pytest.raises(DataError, match="names patients, people"):
        evaluate(Run(own), by=["PatientID"])
    with pytest.raises(DataError, match="to give results by"):
        evaluate(Run(own), by=["shoe size"])
    assert not (own / "test-openings.json").exists()


@pytest.mark.slow
def test_that_an_operating_point_is_chosen_by_the_validation_part_and_used_on_the_test_part(own):
    chosen = answer("operating-point", own, "--sensitivity", "0.9")["operating_point"]
    assert chosen["chosen"] == "validation"
    assert "sensitivity of at least 0.9" in chosen["rule"]
    ((name, threshold),) = chosen["thresholds"].items()
    assert name == "T2"
    cases = load_cases(own, "validation")
    found = cases.probabilities[:, 1] >= threshold
    assert (found & (cases.truth == 1)).sum() / (cases.truth == 1).sum() >= 0.9
    (point,) = evaluate(Run(own)).operating_points
    assert (point.name, point.threshold) == ("T2", threshold)
    assert {"sensitivity", "specificity"} <= set(point.metrics)
    answer("operating-point", own, "--forget")
    assert load_operating_point(own) is None


def test_that_a_choice_that_does_not_fit_is_refused_in_words(own):
    assert "not several" in refused("operating-point", own, "--at", "0.3", "--youden", code=2)
    record = evaluate(Run(own), "validation")
    with pytest.raises(InputError, match="There is no class “T3”; the classes are T1, T2"):
        choose(own, record, Choice("T3", "youden"))
    assert choose(own, record, Choice("T1", "user", 0.3)).thresholds == {"T1": 0.3}
    assert load_operating_point(own).rule == "set by hand"


@pytest.mark.slow
def test_that_predictive_values_are_given_at_a_prevalence(own):
    said = done("evaluate", own, "--part", "train", "--prevalence", "0.01").stdout
    assert "Where 1 % have T2:\n  ppv  0." in said


@pytest.mark.slow
def test_that_masks_are_measured_in_millimetres_and_kept(lesions, tmp_path):
    project, folder = tmp_path / "l.netloom", tmp_path / "run"
    done("new", "u-net", "--data", lesions, "--out", project)
    done("train", project, "--run", folder, "--epochs", 1, "--device", "cpu", "--split", "image")
    record = evaluate(Run(folder), "validation")
    assert (record.distance_unit, record.volume_unit) == ("mm", "mm²")
    cases = load_cases(folder, "validation")
    lesion = cases.overlaps["true_volume"][:, 1]
    case = int(np.argmax(lesion))
    true, found = load_masks(folder, "validation", str(cases.case[case]))
    pixel = lesion[case] / (true == 1).sum()
    assert cases.overlaps["found_volume"][case, 1] == pytest.approx((found == 1).sum() * pixel)
    assert 0.05 < pixel < 20
    name = record.classes[1]
    assert {f"dice:{name}", f"iou:{name}", f"volume_error:{name}", "mean_dice"} <= set(record.metrics)
