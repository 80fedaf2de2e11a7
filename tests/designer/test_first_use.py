"""What a person meets who uses the window for the first time."""

from designer.evaluation.wording import metric_row, of_patients


def test_that_the_manual_opens_inside_the_program_and_leaves_the_window_free(window):
    window.actions_.trigger("manual")
    assert window.manual.isVisible()
    assert not window.manual.isModal()
    assert "Netloom" in window.manual.text.toPlainText()


def test_that_sensitivity_and_specificity_name_the_class_they_find():
    result = {"classes": ["T1", "T2"]}
    assert metric_row("sensitivity", 0.5, result)[0] == "Sensitivity (T2 found)"
    assert metric_row("specificity", 0.5, result)[0] == "Specificity (T1 found)"


def test_that_patients_that_are_not_known_are_not_counted():
    assert of_patients({"cases": 129, "patients": 129, "unknown_patients": 129}) == " of unknown patients"
    assert of_patients({"cases": 129, "patients": 12}) == " of 12 patients"
