"""Cases of several data sets find their partners by the rule that matches the most."""

import pytest

from runtime.data.catalogue import DataError, DataSet, Sample
from runtime.data.matched import matched
from runtime.data.matching import match_cases

NAMES = {"a": "T1", "b": "T2"}


def data(kind="image", *samples):
    return DataSet("/data", kind, tuple(samples), "", (), 1, (8, 8), "f")


def files(*paths):
    return data("image", *(Sample(path, 0, 1, (8, 8), path) for path in paths))


def slices(*told):
    return data("dicom", *(
        Sample(f"{number}.dcm", 0, 1, (8, 8), patient, patient, study=study, at_mm=at)
        for number, (patient, study, at) in enumerate(told)
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "rule", "pairs"),
    [
        (("p1/x.png", "p2/x.png"), ("p2/X.nii.gz", "p3/x.tif", "p1/x.tif"), "by path", [(0, 2), (1, 0)]),
        (("ill/1.png", "well/2.png"), ("2.png", "1.png", "9.png"), "by file name without ending", [(0, 1), (1, 0)]),
        (("s1_t1.nii", "s2_t1.nii"), ("s2_t2.nii", "s1_t2.nii"), "by file name without _t1, _t2", [(0, 1), (1, 0)]),
        (("x.png", "y.png", "y.jpg"), ("x.png", "y.png"), "by path", [(0, 0)]),
    ],
)
def test_that_files_are_matched_by_the_first_rule_that_matches_the_most(one, other, rule, pairs):
    match = match_cases({"a": files(*one), "b": files(*other)}, NAMES)
    assert match.rule.startswith(rule)
    assert list(zip(match.places["a"], match.places["b"], strict=True)) == pairs


def test_that_dicom_cases_are_matched_by_patient_study_and_place_of_the_slice():
    first = slices(("P", "s", 0.25), ("P", "s", 3.25), ("Q", "t", 7.0), ("Q", "u", 1.0))
    second = slices(("Q", "t", -90.0), ("P", "s", 3.2500001), ("P", "s", 6.25), ("P", "s", 0.2499999))
    match = match_cases({"a": first, "b": second}, NAMES)
    assert match.rule.startswith("by patient and study")
    assert list(zip(match.places["a"], match.places["b"], strict=True)) == [(0, 3), (1, 1), (2, 0)]
    both = matched({"a": first, "b": second}, NAMES)
    assert (both.left("a"), both.left("b")) == (("3.dcm",), ("2.dcm",))


def test_that_slices_of_one_place_are_not_guessed_at():
    first = slices(("P", "s", 1.0), ("P", "s", 1.0), ("P", "s", 2.0))
    match = match_cases({"a": first, "b": slices(("P", "s", 1.0), ("P", "s", 2.0))}, NAMES)
    assert match.places["a"] == (2,)


def test_that_nothing_in_common_is_refused_with_an_example_of_each():
    with pytest.raises(DataError, match=r"“T1”: x\.png; “T2”: y\.png.*same patient and study"):
        match_cases({"a": files("x.png"), "b": files("y.png")}, NAMES)


def test_that_cases_that_share_a_patient_in_any_source_stay_together():
    first, second = files("1.png", "2.png", "3.png"), files("1.png", "2.png", "3.png")
    named = data("image", *(Sample(s.path, 0, 1, (8, 8), p, p) for s, p in zip(second.samples, "KLK", strict=True)))
    cases = matched({"a": first, "b": named}, NAMES).cases
    assert [sample.group for sample in cases.samples] == ["K", "L", "K"]
    assert [sample.patient for sample in cases.samples] == ["K", "L", "K"]


def test_that_files_that_match_by_name_and_are_of_different_patients_are_told_of():
    first, second = (data("image", Sample("1.png", 0, 1, (8, 8), patient, patient)) for patient in "AB")
    told = matched({"a": first, "b": second}, NAMES).told["a"]
    assert "Of 1 matched case the folders name different patients" in told[-1]


def test_that_one_source_is_left_as_it_is():
    alone = files("1.png", "2.png")
    assert matched({"a": alone}, NAMES).cases is alone


def test_that_different_named_parts_of_one_case_are_refused():
    first = data("image", Sample("1.png", 0, 1, (8, 8), "1", part="train"))
    second = data("image", Sample("1.png", 0, 1, (8, 8), "1", part="test"))
    with pytest.raises(DataError, match="train part of “T1” and in the test part of “T2”"):
        matched({"a": first, "b": second}, NAMES)
