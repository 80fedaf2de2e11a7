"""How metrics and their intervals are spelled."""

import pytest

from designer.evaluation.wording import metric_row, note_in_words, remarks


@pytest.mark.parametrize(("name", "value", "title", "spelled"), [
    ("accuracy", 0.9981481, "Accuracy", "99.8 %"),
    ("accuracy", 1.0, "Accuracy", "100 %"),
    ("sensitivity:T1", 0.5, "Sensitivity for T1", "50.0 %"),
    ("auc", 0.9981481, "AUC", "0.998"),
    ("dice_score_2", 0.75, "Dice score 2", "0.750"),
    ("mean_absolute_error", 12.3456, "Mean absolute error", "12.3"),
    ("loss", 0.00086171, "Loss", "0.000862"),
    ("ppv", 0.5, "Positive predictive value (PPV)", "50.0 %"),
    ("map_0_5_to_0_95", 0.34567, "mAP 0.5 to 0.95", "0.346"),
    ("top_3", 0.5, "Top 3", "50.0 %"),
    ("brier_calibrated", 0.1234, "Brier score, after temperature", "0.123"),
    ("hausdorff_95:ventricle", 12.3456, "Hausdorff distance, 95 % for ventricle", "12.3"),
])  # fmt: skip
def test_that_a_metric_reads_as_it_is_usually_given_and_keeps_its_digits(name, value, title, spelled):
    shown, short, between = metric_row(name, value, {"intervals": {name: {"low": 0.5, "high": 1.0}}})
    assert (shown, short) == (title, spelled)
    assert short.full == value
    assert " – " in between


def test_that_what_the_intervals_stand_for_is_said_once():
    few = {"low": None, "high": None, "note": "2 patients: too few."}
    assert remarks({"intervals": {"a": few, "b": few}}) == ["2 patients: too few."]
    (told,) = remarks({"intervals": {"a": {"low": 0.1, "high": 0.2, "note": ""}}})
    assert "Patients are counted, not cases" in told


def test_that_numbers_carry_their_unit_and_what_is_nearly_nothing_is_called_so():
    unitless = {"unit": "", "distance_unit": "", "volume_unit": ""}
    told = {"unit": "mm", "distance_unit": "mm", "volume_unit": "ml"}
    assert metric_row("mean_absolute_error", 1.0, told)[0] == "Mean absolute error (mm)"
    assert metric_row("mean_absolute_error", 1.0, unitless)[0] == "Mean absolute error"
    assert metric_row("volume_error:lesion", 1.0, told)[0] == "Volume error for lesion (ml)"
    assert metric_row("r2", 1.0, told)[0] == "R²"
    assert metric_row("log_loss", 3.3e-17, {})[1] == "< 0.0001"
    assert metric_row("brier", 8.6e-06, {})[1] == "< 0.001"
    assert metric_row("brier", 0.0, {})[1] == "0.000"


def test_that_a_note_names_the_metrics_as_the_table_does():
    said = note_in_words("Not defined for these cases: auc, ppv:normal.")
    assert said == "Not defined for these cases: AUC, Positive predictive value (PPV) for normal."
    assert note_in_words("A patient is on both sides.") == "A patient is on both sides."
